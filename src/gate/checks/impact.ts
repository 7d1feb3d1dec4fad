import { linksOf } from '../../register/rec.ts';
import { weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { AroundSystem, Of } from '../neighbourhood.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, listed, monthsBefore, named, nameOf, plural, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';

const HELD = ['concluded', 'approved'];

/** Somebody looked at what the system may do to people and society, recently and thoroughly enough for its class. */
export function checkImpact(input: AroundSystem, policy: GatePolicy): GateCheck {
  const c = new Checking('impact', 'Impact on people and society assessed');
  const { system } = input;
  const since = policy.impactMonths === 0 ? '' : monthsBefore(input.now, policy.impactMonths);
  const today = dayOf(input.now);
  const all = input.impactAssessments
    .filter((a) => linksOf(a, 'systems').includes(system.ref))
    .filter((a) => isHeld(a, policy) && String(a.values.heldOn) <= today)
    .sort((a, b) => (String(a.values.heldOn) < String(b.values.heldOn) ? 1 : -1));
  const recent = all.filter((a) => String(a.values.heldOn) >= since);
  const counts = (a: Of<'impactAssessment'>) =>
    policy.impact !== 'approved' || (a.state === 'approved' && weigh(input, a, 'approve').counted.length > 0);
  const good = recent.find((a) => counts(a) && !isAgainst(a));
  // An older and kinder conclusion does not come back into force, nor does one of the same day, or one that nobody has approved yet, outweigh it.
  const against = all.find(isAgainst);
  if (against && !(good && String(good.values.heldOn) > String(against.values.heldOn)))
    c.wrong(
      `${named(against)}, held on ${String(against.values.heldOn)}, concludes that the impact is not acceptable.`,
      [against.ref, system.ref],
      { text: `Change ${system.ref} and assess its impact again`, who: ownerOf(input), ref: against.ref },
    );
  if (good)
    c.good(
      `${named(good)} was held on ${String(good.values.heldOn)} and concludes: ${wordsOf(textOf(good, 'conclusion'))}.`,
      [good.ref],
    );
  else if (recent.length > 0 && !recent.some(counts))
    c.unknown(
      `${listed(recent.map(named))}: nobody other than the author has approved the impact assessment as it and ${system.ref} are now.`,
      recent.map((a) => a.ref),
      {
        text: `Have ${recent[0]!.ref} approved`,
        who: `approver of ${system.ref} or designated management`,
        ref: recent[0]!.ref,
        action: 'approve',
      },
    );
  else if (recent.length === 0) tellNone(c, input, policy, all);
  return c.done();
}

const isAgainst = (a: Of<'impactAssessment'>): boolean => a.values.conclusion === 'notAcceptable';

/** Screening needs a day, whom it touches and a conclusion; an assessment must have been concluded. */
const isHeld = (a: Of<'impactAssessment'>, policy: GatePolicy): boolean =>
  textOf(a, 'heldOn') !== undefined &&
  textOf(a, 'conclusion') !== undefined &&
  (HELD.includes(a.state) || (policy.impact === 'screened' && textOf(a, 'affected') !== undefined));

const ownerOf = (input: AroundSystem): string => nameOf(input, textOf(input.system, 'owner'));

const wordsOf = (conclusion: string | undefined): string =>
  conclusion === 'acceptableWithMeasures' ? 'acceptable with measures' : (conclusion ?? 'nothing');

function tellNone(
  c: Checking,
  input: AroundSystem,
  policy: GatePolicy,
  old: readonly Of<'impactAssessment'>[],
): void {
  const { system } = input;
  const window = policy.impactMonths === 0 ? '' : ` within ${plural(policy.impactMonths, 'month')}`;
  const before =
    old.length > 0
      ? `; there is ${listed(old.map((a) => `${named(a)}, held on ${String(a.values.heldOn)}`))}`
      : '';
  const screen = policy.impact === 'screened';
  const what = screen ? 'Nobody has looked, and concluded, what' : 'There is no concluded assessment of what';
  const open = input.impactAssessments.find(
    (a) => a.state === 'planned' && linksOf(a, 'systems').includes(system.ref),
  );
  const on = open?.ref ?? system.ref;
  c.unknown(
    `${what} ${named(system)} may do to people and society${window}${before}.`,
    [system.ref, ...old.map((a) => a.ref)],
    {
      text: screen
        ? `Screen the impact of ${system.ref}${open ? ` in ${on}` : ''}: whom it affects, and a conclusion`
        : open
          ? `Conclude ${on}`
          : `Assess the impact of ${system.ref}`,
      who: ownerOf(input),
      ref: on,
      ...(open ? {} : { create: 'impactAssessment' }),
      ...(open && !screen ? { action: 'conclude' } : {}),
    },
  );
}
