import { isAlone, voicesOf } from '../../authority/weigh.ts';
import type { Sentence } from '../../base/sentence.ts';
import { presentRule, ruleOf } from '../../register/covering.ts';
import { release as releases } from '../../registers/release.ts';
import { authorsOf, isAbout, mayBeAlone, notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { AroundSystem, GateInput, Of } from '../surroundings.ts';
import { say } from '../words/people.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';

export interface Part {
  /** Field of the AI system. */
  readonly field: 'owner' | 'approver' | 'oversight';
  readonly label: Sentence;
  readonly ref: string | undefined;
}

/** Enough people approved exactly this release; none of them made it or asked for it; the class's own people are among them. */
export function checkPeople(input: GateInput, policy: GatePolicy): GateCheck {
  const alone = mayBeAlone(input);
  const c = new Checking('people', alone ? title('peopleAlone') : title('people'));
  const { release } = input;
  const requester = textOf(input.change, 'owner');
  const w = weigh(input, release, 'approve', requester === undefined ? [] : [requester]);
  const approvals = w.counted;
  for (const d of approvals)
    c.good(
      say('approved', {
        saying: saying(input, d, 'approved'),
        release: release.ref,
        day: dayOf(d.createdAt),
        decision: d.ref,
      }),
      [d.ref, release.ref],
    );
  const earlier = approvals.filter((d) => ruleOf(d) < presentRule(releases));
  if (earlier.length > 0)
    c.good(
      say('coveredLess', { number: earlier.length, decisions: earlier.map((d) => d.ref) }),
      earlier.map((d) => d.ref),
    );
  if (approvals.some(isAlone))
    c.good(
      say('alone', { release: release.ref, criteria: input.criteria!.ref, riskClass: policy.riskClass }),
      [release.ref, input.criteria!.ref],
    );
  const sayNot = notCounted(input, release, w);
  for (const r of sayNot) c.good(r, r.records);
  checkRefusals(c, input);
  const parts = partsOf(input, policy);
  const asked = parts.map((p) => checkPart(c, input, p, approvals, alone ? undefined : requester));
  checkDifferent(c, input, parts);
  if (approvals.length < policy.approvals) {
    const people = new Set(asked.filter((ref) => ref !== undefined)).size;
    checkEnough(c, input, policy, approvals.length, people);
  }
  return c.done();
}

/** `asked` people are asked for their approval already; only when they are too few somebody else is asked as well. */
function checkEnough(
  c: Checking,
  input: GateInput,
  policy: GatePolicy,
  approved: number,
  asked: number,
): void {
  const { release } = input;
  const others = policy.approvals - approved - asked;
  const who =
    others > 1
      ? role(asked > 0 ? 'otherPeopleApart' : 'peopleApart', { number: others })
      : role(asked > 0 ? 'somebodyElseApart' : 'somebodyApart');
  if (mayBeAlone(input) && policy.approvals === 1) {
    const only = nameOf(input, authorsOf(input, release)[0]);
    c.unknown(say('nobodyDecided', { release: named(release) }), [release.ref], {
      ...say('decideAlone', { release: release.ref }),
      who: only,
      ref: release.ref,
      action: 'approve',
    });
    return;
  }
  c.unknown(
    say('tooFew', {
      approved,
      release: named(release),
      needed: policy.approvals,
      riskClass: policy.riskClass,
    }),
    [release.ref],
    others > 0 ? approve(input, who) : undefined,
  );
}

const approve = (input: GateInput, who: string | Sentence) => ({
  ...say('approve', { release: input.release.ref }),
  who,
  ref: input.release.ref,
  action: 'approve',
});

const partsOf = (input: GateInput, policy: GatePolicy): Part[] =>
  everyPart(input, policy).filter((p) => p.must);

/** Who answers for the system, and whether the class wants their approval of each release. */
export function everyPart(input: AroundSystem, policy: GatePolicy): (Part & { must: boolean })[] {
  return [
    {
      field: 'owner',
      label: role('owner'),
      ref: textOf(input.system, 'owner'),
      must: policy.ownerMustApprove,
    },
    {
      field: 'approver',
      label: role('approver'),
      ref: textOf(input.system, 'approver'),
      must: policy.approverMustApprove,
    },
    {
      field: 'oversight',
      label: role('oversight'),
      ref: textOf(input.system, 'oversight'),
      must: policy.oversightMustApprove,
    },
  ];
}

/** Whoever has to approve is named. */
export function checkNamed(c: Checking, input: AroundSystem, p: Part): p is Part & { ref: string } {
  if (p.ref !== undefined) return true;
  const { system } = input;
  c.unknown(say('partMissing', { system: named(system), part: p.label }), [system.ref], {
    ...say('namePart', { part: p.label, system: system.ref }),
    ref: system.ref,
  });
  return false;
}

/** Gives the person who is asked to approve, if anybody is. */
function checkPart(
  c: Checking,
  input: GateInput,
  p: Part,
  approvals: readonly Of<'decision'>[],
  requester: string | undefined,
): string | undefined {
  const { system, release } = input;
  if (!checkNamed(c, input, p)) return undefined;
  if (approvals.some((d) => voicesOf(d).includes(p.ref))) return undefined;
  const name = nameOf(input, p.ref);
  if (!mayBeAlone(input) && (p.ref === requester || authorsOf(input, release).includes(p.ref))) {
    c.unknown(
      say('madeIt', { name, part: p.label, system: system.ref, release: release.ref }),
      [release.ref, system.ref],
      {
        ...say('haveOther', { release: release.ref, part: p.label, system: system.ref }),
        ref: release.ref,
      },
    );
    return undefined;
  }
  c.unknown(
    say('notApproved', { name, part: p.label, system: system.ref, release: release.ref }),
    [release.ref, system.ref],
    approve(input, name),
  );
  return p.ref;
}

/** Where several parts must approve, one person in two of them would be one pair of eyes counted twice. */
export function checkDifferent(c: Checking, input: AroundSystem, parts: readonly Part[]): void {
  for (const p of parts) {
    const same = parts.filter((q) => p.ref !== undefined && q.ref === p.ref);
    if (same.length < 2 || same[0] !== p) continue;
    c.wrong(
      say('samePerson', {
        person: nameOf(input, p.ref),
        parts: same.map((q) => q.label),
        system: named(input.system),
      }),
      [input.system.ref],
      { ...say('nameDifferent', { parts: same.map((q) => q.label) }), ref: input.system.ref },
    );
  }
}

function refusalsOf(input: GateInput): Of<'decision'>[] {
  return input.decisions.filter(
    (d) =>
      d.values.subject === input.release.ref &&
      d.values.kind === 'refuse' &&
      isAbout(input, input.release, d) &&
      Date.parse(d.createdAt) <= Date.parse(input.now),
  );
}

const isLater = (a: Of<'decision'>, b: Of<'decision'>): boolean =>
  Date.parse(a.createdAt) >= Date.parse(b.createdAt);

export function checkRefusals(c: Checking, input: GateInput): void {
  const { release } = input;
  for (const r of refusalsOf(input)) {
    const by = textOf(r, 'by');
    const tookBack = input.decisions.some(
      (d) =>
        d.values.subject === release.ref &&
        d.values.kind === 'approve' &&
        isAbout(input, release, d) &&
        d.values.by === by &&
        !isLater(r, d),
    );
    if (!tookBack)
      c.wrong(
        say('refused', {
          by: nameOf(input, by),
          release: release.ref,
          day: dayOf(r.createdAt),
          decision: r.ref,
        }),
        [r.ref, release.ref],
        {
          ...say('settle', { by: nameOf(input, by) }),
          ref: release.ref,
        },
      );
  }
}
