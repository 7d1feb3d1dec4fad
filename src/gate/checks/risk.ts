import { linksOf } from '../../register/rec.ts';
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
import type { AroundSystem, GateInput, Of } from '../neighbourhood.ts';
import type { GatePolicy } from '../policy.ts';
import { dayOf, listed, monthsBefore, named, nameOf, numberOf, plural, textOf } from '../reading.ts';
import type { GateCheck, NextStep } from '../result.ts';

/** The risks of the system are known and recently assessed; what is above the appetite was treated or accepted. */
export function checkRisk(input: GateInput, policy: GatePolicy): GateCheck {
  const c = new Checking('risk', 'Risks assessed, and treated or accepted');
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
    c.unknown(
      `No open risk is recorded for ${named(system)}: that nothing is known is not the same as no risk.`,
      [system.ref],
      {
        text: `Record the risks of ${system.ref}`,
        who: nameOf(input, textOf(system, 'owner')),
        ref: system.ref,
        create: 'risk',
      },
    );
  } else if (appetite === undefined) {
    c.unknown('No approved criteria say how much risk is acceptable.', [], {
      text: 'Have criteria with a risk appetite approved',
      who: 'Designated management',
    });
  } else {
    for (const r of risks) checkRiskRecord(c, input, policy, r, measuring(r), appetite);
    c.good(
      `${plural(risks.length, 'open risk')} of ${system.ref} compared with the appetite of ${appetite}.`,
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
    c.unknown(`${named(risk)} has not been rated for likelihood and all three impacts.`, [risk.ref], {
      text: `Rate ${risk.ref}`,
      who: nameOf(input, textOf(risk, 'owner')),
      ref: risk.ref,
      action: 'assess',
    });
    return;
  }
  tellMeasured(c, input, risk, measured, judged);
  const { effectiveLevel, afterTreatment, raised } = judged;
  const before = inherentLevel(claimOf(risk.values))!;
  if (effectiveLevel <= appetite) {
    if (before > appetite)
      c.good(`${named(risk)}: level ${before}, after treatment ${effectiveLevel}.`, [risk.ref]);
    return;
  }
  // Whatever is left is above the appetite, or nobody said how much is left.
  if (accepted(c, input, risk, judged)) return;
  if (risk.state === 'treated' && !afterTreatment && !raised)
    tellTreated(c, input, policy, risk, effectiveLevel);
  else
    c.wrong(
      `${named(risk)} is at level ${effectiveLevel}, above the appetite of ${appetite}, and is neither treated down to it nor accepted${raised ? ' at that level' : ''}.`,
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
  const says = judged.raised
    ? `tests put its likelihood at ${judged.effectiveLikelihood} (${input.criteria?.ref ?? 'no criteria'}), claimed is ${judged.likelihood}`
    : `tests do not put its likelihood above the ${judged.likelihood} that is claimed`;
  c.good(`${named(risk)}: ${says}. ${m.hazards.map(measuredText).join('; ')}.`, [
    risk.ref,
    ...new Set(m.hazards.flatMap((h) => h.runs)),
  ]);
}

const rateAgain = (input: AroundSystem, risk: Of<'risk'>, judged: Judged) => ({
  text: `Correct what the tests found; or rate ${risk.ref} again with a likelihood of at least ${judged.effectiveLikelihood}, and treat it or have it accepted`,
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
    c.unknown(
      `${named(risk)}, level ${level}, was treated, but nobody has rated what is left, nor accepted it.`,
      [risk.ref],
      {
        text: `Rate ${risk.ref} after treatment, or have what is left accepted`,
        who: nameOf(input, textOf(risk, 'owner')),
        ref: risk.ref,
      },
    );
  else
    c.good(
      `${named(risk)}, level ${level}, is treated (${String(risk.values.treatment)}); what is left was not rated.`,
      [risk.ref],
    );
}

const acceptOrTreat = (input: AroundSystem, risk: Of<'risk'>) => ({
  text: `Treat ${risk.ref} and rate what is left, or have it accepted with an end date`,
  who: `${nameOf(input, textOf(risk, 'owner'))}; acceptance by designated management`,
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
        `${nameOf(input, textOf(d, 'by'))} accepted ${named(risk)} at level ${judged.level} (${d.ref}); that does not cover the level ${level} that tests put it at.`,
        [risk.ref, d.ref],
      );
    return false;
  }
  const topOnly = topManagementOnly(input.criteria, level);
  const valid = w.counted.find((d) => textOf(d, 'until') !== undefined && mayAccept(input, d, topOnly));
  if (valid) {
    c.good(
      `${saying(input, valid, 'accepted')} ${named(risk)} at level ${level} until ${String(valid.values.until)} (${valid.ref}).`,
      [risk.ref, valid.ref],
    );
    return true;
  }
  for (const r of notCounted(input, risk, w, 'accepted')) c.good(r.text, r.records);
  for (const d of w.counted) {
    const why =
      textOf(d, 'until') === undefined
        ? 'it has no end date'
        : topOnly
          ? `from level ${String(input.criteria?.values.acceptAtLevel)} on only top management accepts`
          : 'designated management must accept';
    c.good(`${saying(input, d, 'accepted')} ${risk.ref} (${d.ref}), which does not count: ${why}.`, [
      d.ref,
      risk.ref,
    ]);
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
  const next: NextStep = {
    text: open ? `Conclude ${open.ref}` : `Assess the risks of ${system.ref}`,
    who: nameOf(input, textOf(system, 'owner')),
    ...(open ? { ref: open.ref, action: 'conclude' } : { ref: system.ref, create: 'riskAssessment' }),
  };
  if (recent.length === 0) {
    const old = held.map((a) => `${named(a)}, held on ${String(a.values.heldOn)}`);
    const window = policy.riskMonths === 0 ? '' : ` within ${plural(policy.riskMonths, 'month')}`;
    c.unknown(
      `There is no concluded risk assessment of ${named(system)}${window}${old.length > 0 ? `; there is ${listed(old)}` : ''}.`,
      [system.ref, ...held.map((a) => a.ref)],
      next,
    );
    return;
  }
  const good = policy.assessmentApproved ? recent.find((a) => approvedByAnother(input, a)) : recent[0];
  if (good) c.good(`${named(good)} was held on ${String(good.values.heldOn)}.`, [good.ref]);
  else
    c.unknown(
      `${listed(recent.map(named))}: nobody other than the author has approved the assessment as it is now.`,
      recent.map((a) => a.ref),
      {
        text: `Have ${recent[0]!.ref} approved`,
        who: `approver of ${system.ref} or designated management`,
        ref: recent[0]!.ref,
        action: 'approve',
      },
    );
}

const approvedByAnother = (input: AroundSystem, a: Of<'riskAssessment'>): boolean =>
  a.state === 'approved' && weigh(input, a, 'approve').counted.length > 0;
