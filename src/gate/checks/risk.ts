import type { Listing } from '../../base/sentence.ts';
import { linksOf } from '../../register/rec.ts';
import { fitOf } from '../../risk/appetite.ts';
import { claimOf, inherentLevel } from '../../risk/rating.ts';
import { notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import {
  type Judged,
  judgeRisk,
  measuredText,
  measureRisk,
  type RiskMeasure,
  testedOf,
  topManagementOnly,
} from '../measured.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, monthsBefore, named, nameOf, numberOf, textOf } from '../reading.ts';
import type { GateCheck, Step } from '../result.ts';
import type { AroundSystem, GateInput, Of } from '../surroundings.ts';
import { say } from '../words/risk.ts';
import { title } from '../words/titles.ts';
import { role } from '../words/who.ts';

/** The risks of the system are known and recently assessed; what is above the appetite was treated or accepted. */
export function checkRisk(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('risk', title('risk'));
  checkAssessment(c, input, policy);
  const tested = [[testedOf(input, policy)]];
  checkRisks(c, input, policy, (r) => measureRisk(r, input.riskHazards, input.criteria, tested));
  return c.done();
}

/** What tests say about a risk. Without a release nothing was tested that could say it. */
type Measuring = (risk: Of<'risk'>) => RiskMeasure;
const NOT_MEASURED: RiskMeasure = { hazards: [], notMeasured: [], likelihood: undefined };

/** The open risks by themselves, against the appetite. */
export function checkRisks(
  c: Checking,
  input: AroundSystem,
  policy: GatePolicy,
  measuring: Measuring = () => NOT_MEASURED,
): void {
  const { system } = input;
  const risks = input.risks.filter((r) => r.state !== 'closed' && linksOf(r, 'systems').includes(system.ref));
  const appetite = input.criteria ? numberOf(input.criteria, 'appetite') : undefined;
  if (risks.length === 0) {
    c.unknown(say('none', { system: named(system) }), [system.ref], {
      ...say('record', { system: system.ref }),
      who: nameOf(input, textOf(system, 'owner')),
      ref: system.ref,
      create: 'risk',
    });
  } else if (appetite === undefined) {
    c.unknown(say('noAppetite'), [], {
      ...say('haveAppetite'),
      who: 'Designated management',
    });
  } else {
    for (const r of risks) checkRiskRecord(c, input, policy, r, measuring(r), appetite);
    c.good(
      say('compared', { number: risks.length, system: system.ref, appetite }),
      risks.map((r) => r.ref),
    );
  }
}

function checkRiskRecord(
  c: Checking,
  input: AroundSystem,
  policy: GatePolicy,
  risk: Of<'risk'>,
  measured: RiskMeasure,
  appetite: number,
): void {
  const judged = judgeRisk(risk, measured);
  if (judged === undefined) {
    c.unknown(say('notRated', { risk: named(risk) }), [risk.ref], {
      ...say('rate', { risk: risk.ref }),
      who: nameOf(input, textOf(risk, 'owner')),
      ref: risk.ref,
      action: 'assess',
    });
    return;
  }
  tellMeasured(c, input, risk, measured, judged);
  const { effectiveLevel, afterTreatment, raised } = judged;
  const before = inherentLevel(claimOf(risk.values))!;
  if (fitOf(effectiveLevel, appetite) === 'within') {
    if (before > appetite)
      c.good(say('treatedDown', { risk: named(risk), before, after: effectiveLevel }), [risk.ref]);
    return;
  }
  // Whatever is left is above the appetite, or nobody said how much is left.
  if (accepted(c, input, risk, judged)) return;
  if (risk.state === 'treated' && !afterTreatment && !raised)
    tellTreated(c, input, policy, risk, effectiveLevel);
  else
    c.wrong(
      raised
        ? say('aboveAppetiteByTests', { risk: named(risk), level: effectiveLevel, appetite })
        : say('aboveAppetite', { risk: named(risk), level: effectiveLevel, appetite }),
      [risk.ref],
      raised ? rateAgain(input, risk, judged) : acceptOrTreat(input, risk),
    );
}

/** Claim and measurement side by side, with the runs it rests on. */
function tellMeasured(
  c: Checking,
  input: AroundSystem,
  risk: Of<'risk'>,
  m: RiskMeasure,
  judged: Judged,
): void {
  if (m.hazards.length === 0) return;
  const hazards: Listing = { join: 'semicolon', items: m.hazards.map(measuredText) };
  c.good(
    judged.raised
      ? say('raised', {
          risk: named(risk),
          likelihood: judged.effectiveLikelihood,
          criteria: input.criteria?.ref ?? 'no criteria',
          claimed: judged.likelihood,
          hazards,
        })
      : say('notRaised', { risk: named(risk), claimed: judged.likelihood, hazards }),
    [risk.ref, ...new Set(m.hazards.flatMap((h) => h.runs))],
  );
}

const rateAgain = (input: AroundSystem, risk: Of<'risk'>, judged: Judged) => ({
  ...say('correct', { risk: risk.ref, likelihood: judged.effectiveLikelihood }),
  who: nameOf(input, textOf(risk, 'owner')),
  ref: risk.ref,
  action: 'assess',
});

function tellTreated(
  c: Checking,
  input: AroundSystem,
  policy: GatePolicy,
  risk: Of<'risk'>,
  level: number,
): void {
  if (policy.acceptResiduals)
    c.unknown(say('leftNotRated', { risk: named(risk), level }), [risk.ref], {
      ...say('rateLeft', { risk: risk.ref }),
      who: nameOf(input, textOf(risk, 'owner')),
      ref: risk.ref,
    });
  else
    c.good(say('treated', { risk: named(risk), level, treatment: String(risk.values.treatment) }), [
      risk.ref,
    ]);
}

const acceptOrTreat = (input: AroundSystem, risk: Of<'risk'>) => ({
  ...say('treat', { risk: risk.ref }),
  who: role('ownerAndManagement', { owner: nameOf(input, textOf(risk, 'owner')) }),
  ref: risk.ref,
  action: risk.state === 'assessed' ? 'treat' : 'accept',
});

const MANAGEMENT = ['designatedManagement', 'topManagement'];

/** Somebody with the authority accepted exactly this risk as it is rated now, until a day still to come. */
function accepted(c: Checking, input: AroundSystem, risk: Of<'risk'>, judged: Judged): boolean {
  const w = weigh(input, risk, 'accept');
  const level = judged.effectiveLevel;
  if (judged.raised) {
    // What was accepted was the level that people claimed.
    for (const d of w.counted)
      c.good(
        say('acceptedLess', {
          by: nameOf(input, textOf(d, 'by')),
          risk: named(risk),
          accepted: judged.level,
          decision: d.ref,
          level,
        }),
        [risk.ref, d.ref],
      );
    return false;
  }
  const topOnly = topManagementOnly(input.criteria, level);
  const valid = w.counted.find((d) => textOf(d, 'until') !== undefined && mayAccept(input, d, topOnly));
  if (valid) {
    c.good(
      say('accepted', {
        saying: saying(input, valid, 'accepted'),
        risk: named(risk),
        level,
        until: String(valid.values.until),
        decision: valid.ref,
      }),
      [risk.ref, valid.ref],
    );
    return true;
  }
  for (const r of notCounted(input, risk, w, 'accepted')) c.good(r, r.records);
  const doubtful = (d: Of<'decision'>) => ({
    saying: saying(input, d, 'accepted'),
    risk: risk.ref,
    decision: d.ref,
  });
  for (const d of w.counted) {
    c.good(
      textOf(d, 'until') === undefined
        ? say('noEnd', doubtful(d))
        : topOnly
          ? say('topAccepts', { ...doubtful(d), from: String(input.criteria?.values.acceptAtLevel) })
          : say('designatedAccepts', doubtful(d)),
      [d.ref, risk.ref],
    );
  }
  return false;
}

function mayAccept(input: AroundSystem, d: Of<'decision'>, topOnly: boolean): boolean {
  const person = input.people[String(d.values.by)];
  const roles = person?.roles ?? [];
  // In an organisation of one person only a guest can accept what that person rated.
  if (input.onePerson && input.criteria?.values.mode === 'alone' && person?.guest) return true;
  if (topOnly) return roles.includes('topManagement');
  // The role that the decision itself carries was checked on the day; authority lost since does not undo it.
  return MANAGEMENT.includes(String(d.values.role)) || roles.some((r) => MANAGEMENT.includes(r));
}

/** The risks were assessed recently, and as thoroughly as the class asks. */
export function checkAssessment(c: Checking, input: AroundSystem, policy: GatePolicy): void {
  const { system } = input;
  const since = policy.riskMonths === 0 ? '' : monthsBefore(input.now, policy.riskMonths);
  const today = dayOf(input.now);
  const held = input.assessments.filter(
    (a) =>
      linksOf(a, 'systems').includes(system.ref) &&
      ['concluded', 'approved'].includes(a.state) &&
      textOf(a, 'heldOn') !== undefined,
  );
  const recent = held.filter((a) => String(a.values.heldOn) >= since && String(a.values.heldOn) <= today);
  const open = input.assessments.find(
    (a) => a.state === 'planned' && linksOf(a, 'systems').includes(system.ref),
  );
  const next: Step = {
    ...(open ? say('conclude', { assessment: open.ref }) : say('assess', { system: system.ref })),
    who: nameOf(input, textOf(system, 'owner')),
    ...(open ? { ref: open.ref, action: 'conclude' } : { ref: system.ref, create: 'riskAssessment' }),
  };
  if (recent.length === 0) {
    c.unknown(
      say('noAssessment', {
        system: named(system),
        months: policy.riskMonths,
        number: held.length,
        old: held.map((a) => say('heldOn', { assessment: named(a), day: String(a.values.heldOn) })),
      }),
      [system.ref, ...held.map((a) => a.ref)],
      next,
    );
    return;
  }
  const good = policy.assessmentApproved ? recent.find((a) => approvedByAnother(input, a)) : recent[0];
  if (good) c.good(say('held', { assessment: named(good), day: String(good.values.heldOn) }), [good.ref]);
  else
    c.unknown(
      say('notApproved', { assessments: recent.map(named) }),
      recent.map((a) => a.ref),
      {
        ...say('haveApproved', { assessment: recent[0]!.ref }),
        who: role('approverOrManagement', { system: system.ref }),
        ref: recent[0]!.ref,
        action: 'approve',
      },
    );
}

const approvedByAnother = (input: AroundSystem, a: Of<'riskAssessment'>): boolean =>
  a.state === 'approved' && weigh(input, a, 'approve').counted.length > 0;
