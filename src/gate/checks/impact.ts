import { type Sentence, worded } from '../../base/sentence.ts';
import { linksOf } from '../../register/rec.ts';
import { weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, monthsBefore, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { AroundSystem, Of } from '../surroundings.ts';
import { say } from '../words/impact.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';

const HELD = ['concluded', 'approved'];

/** Somebody looked at what the system may do to people and society, recently and thoroughly enough for its class. */
export function checkImpact(input: AroundSystem, policy: GatePolicy): GateCheck {
  const c = new Checking('impact', title('impact'));
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
      say('notAcceptable', { assessment: named(against), day: String(against.values.heldOn) }),
      [against.ref, system.ref],
      { ...say('assessAgain', { system: system.ref }), who: ownerOf(input), ref: against.ref },
    );
  if (good)
    c.good(
      say('held', {
        assessment: named(good),
        day: String(good.values.heldOn),
        conclusion: conclusionOf(textOf(good, 'conclusion')),
      }),
      [good.ref],
    );
  else if (recent.length > 0 && !recent.some(counts))
    c.unknown(
      say('notApproved', { assessments: recent.map(named), system: system.ref }),
      recent.map((a) => a.ref),
      {
        ...say('haveApproved', { assessment: recent[0]!.ref }),
        who: role('approverOrManagement', { system: system.ref }),
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

const conclusionOf = (conclusion = 'nothing'): Sentence =>
  worded(
    `register.impactAssessment.option.conclusion.${conclusion}`,
    conclusion === 'acceptableWithMeasures' ? 'acceptable with measures' : conclusion,
  );

function tellNone(
  c: Checking,
  input: AroundSystem,
  policy: GatePolicy,
  old: readonly Of<'impactAssessment'>[],
): void {
  const { system } = input;
  const screen = policy.impact === 'screened';
  const open = input.impactAssessments.find(
    (a) => a.state === 'planned' && linksOf(a, 'systems').includes(system.ref),
  );
  const on = open?.ref ?? system.ref;
  c.unknown(
    say('none', {
      screened: screen ? 'yes' : 'other',
      system: named(system),
      months: policy.impactMonths,
      number: old.length,
      old: old.map((a) => say('heldOn', { assessment: named(a), day: String(a.values.heldOn) })),
    }),
    [system.ref, ...old.map((a) => a.ref)],
    {
      ...(screen
        ? open
          ? say('screenIn', { system: system.ref, assessment: open.ref })
          : say('screen', { system: system.ref })
        : open
          ? say('conclude', { assessment: open.ref })
          : say('assess', { system: system.ref })),
      who: ownerOf(input),
      ref: on,
      ...(open ? {} : { create: 'impactAssessment' }),
      ...(open && !screen ? { action: 'conclude' } : {}),
    },
  );
}
