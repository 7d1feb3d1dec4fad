import { rowsOf } from '../register/rec.ts';
import { claimOf, inherentLevel, isResidualRated, residualLevel } from '../risk/rating.ts';
import { fallbackPolicy, isRiskClass, policyFrom } from './policy.ts';
import { monthsBefore, named, numberOf, plural, textOf } from './reading.ts';
import type { Requirement, Requirements, SystemFacts } from './requirement.ts';
import { type Fact, item, type Known, of, refs, stands } from './requirement-parts.ts';
import { drill, emergencies, monitor, rollback } from './requirements-in-use.ts';

/** What the risk class asks of a system and what it does not, each with what is there. Pure, and never more lenient than the gate. */
export function requirementsOf(f: SystemFacts): Requirements {
  const riskClass = isRiskClass(f.system.values.riskClass) ? f.system.values.riskClass : undefined;
  const policy =
    (f.criteria && policyFrom(f.criteria, riskClass ?? 'high')) ?? fallbackPolicy(riskClass ?? 'high');
  const d: Known = { f, policy, today: f.now.slice(0, 10) };
  return {
    system: f.system.ref,
    title: f.system.title,
    riskClass: riskClass ?? null,
    criteria: f.criteria?.ref ?? null,
    mode: textOf(f.criteria, 'mode') ?? null,
    items: [
      classified(d),
      criteriaInForce(d),
      ...people(d),
      hazards(d),
      plan(d),
      assessed(d, 'riskAssessment', 'Risk assessment', policy.riskMonths, policy.assessmentApproved),
      assessed(
        d,
        'impactAssessment',
        'AI system impact assessment',
        impactMonths(d),
        policy.assessmentApproved,
      ),
      risks(d),
      rollback(d),
      drill(d, 'rollback', policy.drillMonths),
      drill(d, 'stop', policy.stopDrill ? policy.drillMonths || 12 : 0),
      // Told only where it is asked: no preset does.
      ...(policy.communicationDrill ? [drill(d, 'communication', policy.drillMonths || 12)] : []),
      monitor(d),
      ...emergencies(d),
    ],
  };
}

function classified(d: Known): Requirement {
  const { system } = d.f;
  const asks = 'A risk class, in scope.';
  if (!isRiskClass(system.values.riskClass))
    return item('class', 'Risk class', asks, 'missing', 'It has no class and is treated as high.', {
      next: { text: 'Set the risk class', ref: system.ref },
    });
  return system.state === 'inScope'
    ? item('class', 'Risk class', asks, 'done', `In scope, class ${system.values.riskClass}.`)
    : item(
        'class',
        'Risk class',
        asks,
        'missing',
        `Class ${system.values.riskClass}, but ${words(system.state)}.`,
        {
          next: { text: 'Take it into scope', ref: system.ref },
        },
      );
}

function criteriaInForce(d: Known): Requirement {
  const { criteria } = d.f;
  return criteria
    ? item('criteria', 'Criteria', 'Criteria in force.', 'done', `${named(criteria)}.`, {
        records: [criteria.ref],
      })
    : item(
        'criteria',
        'Criteria',
        'Criteria in force.',
        'missing',
        'None are: the default for the class is shown here, and the gate lets nothing through.',
        {
          next: { text: 'Take a preset of criteria' },
        },
      );
}

function people(d: Known): Requirement[] {
  const { policy, f } = d;
  const { system } = f;
  const part = (field: 'owner' | 'approver' | 'oversight', must: boolean, title: string): Requirement => {
    const asks = must
      ? `${title} named, who approves each release.`
      : `${title} named; releases need no approval by the ${title.toLowerCase()}.`;
    const there = textOf(system, field);
    if (there !== undefined) return item(field, title, asks, 'done', `${f.people[there] ?? there} is named.`);
    // The system cannot be taken into scope without an approver, whatever its class.
    return must || field === 'approver'
      ? item(field, title, asks, 'missing', 'Nobody is named.', {
          next: { text: `Name the ${title.toLowerCase()}`, ref: system.ref },
        })
      : item(field, title, asks, 'notAsked', `Not asked of class ${policy.riskClass}.`);
  };
  const parts = [
    part('owner', policy.ownerMustApprove, 'Owner'),
    part('approver', policy.approverMustApprove, 'Approver'),
    part('oversight', policy.oversightMustApprove, 'Human oversight'),
  ];
  const must = [
    policy.ownerMustApprove && ('owner' as const),
    policy.approverMustApprove && ('approver' as const),
    policy.oversightMustApprove && ('oversight' as const),
  ].filter((x) => x !== false);
  const named = must.flatMap((m) => textOf(system, m) ?? []);
  const alone = f.onePerson && textOf(f.criteria, 'mode') === 'alone' && policy.riskClass !== 'high';
  const asks = alone
    ? 'You decide alone, a day after the last change; the record says so.'
    : `${plural(policy.approvals, 'person', 'people')} other than the author ${policy.approvals === 1 ? 'approves' : 'approve'} each release.`;
  const same = must.length > 1 && new Set(named).size < named.length;
  return [
    ...parts,
    same
      ? item(
          'different',
          'Different people',
          asks,
          'missing',
          `${must.join(', ')} must be different people.`,
          {
            next: { text: 'Name different people', ref: system.ref },
          },
        )
      : must.length < 2
        ? item(
            'different',
            'Different people',
            asks,
            'notAsked',
            `One person may be owner, approver and oversight in class ${policy.riskClass}.`,
          )
        : item(
            'different',
            'Different people',
            asks,
            named.length < must.length ? 'missing' : 'done',
            named.length < must.length ? 'Not all of them are named.' : 'They are different people.',
            named.length < must.length ? { next: { text: 'Name them', ref: system.ref } } : {},
          ),
  ];
}

function hazards(d: Known): Requirement {
  const there = of(d, 'hazard', ['confirmed']);
  const asks =
    d.policy.tests === 'allHazards'
      ? 'What can go wrong is known, and every hazard is tested.'
      : d.policy.tests === 'plan'
        ? 'What can go wrong is known; the plan’s hazards and the critical ones are tested.'
        : 'What can go wrong is known.';
  return there.length > 0
    ? item('hazards', 'Hazards', asks, 'done', `${plural(there.length, 'hazard')} confirmed.`, {
        records: refs(there),
      })
    : item('hazards', 'Hazards', asks, 'missing', 'No hazard is confirmed for it.', {
        next: { text: 'Record a hazard', create: d.f.registers.hazard },
      });
}

function plan(d: Known): Requirement {
  const asks =
    d.policy.tests === 'smoke'
      ? 'A smoke test: something ran and nothing failed.'
      : `A verification plan fixed before the tests; evidence from ${d.policy.minTrust === 'person' ? 'a person or better' : `${d.policy.minTrust} or better`}.`;
  const there = of(d, 'verificationPlan', ['fixed']).filter((r) => stands(d, r));
  if (there.length > 0)
    return item('plan', 'Verification plan', asks, 'done', `${named(there[0]!)} is fixed.`, {
      records: refs(there),
    });
  if (d.policy.tests === 'smoke')
    return item(
      'plan',
      'Verification plan',
      asks,
      'notAsked',
      `No plan is asked of class ${d.policy.riskClass}.`,
    );
  const drafts = of(d, 'verificationPlan', ['draft', 'fixed']);
  return item(
    'plan',
    'Verification plan',
    asks,
    'missing',
    drafts[0] ? `${named(drafts[0])} is not fixed as it is now.` : 'There is none.',
    {
      next: drafts[0]
        ? { text: `Have ${drafts[0].ref} fixed`, ref: drafts[0].ref }
        : { text: 'Write a verification plan', create: d.f.registers.verificationPlan },
    },
  );
}

/** Months that an impact assessment holds, as the criteria's intervals say; where they are silent, as a risk assessment. */
function impactMonths(d: Known): number {
  const said = rowsOf(d.f.criteria, 'intervals').flatMap((r) =>
    r.what === 'impactAssessment' && typeof r.months === 'number' && r.months > 0 ? [r.months] : [],
  );
  return d.policy.riskMonths === 0 ? 0 : said.length > 0 ? Math.min(1200, ...said) : d.policy.riskMonths;
}

function assessed(
  d: Known,
  register: 'riskAssessment' | 'impactAssessment',
  title: string,
  months: number,
  approved: boolean,
): Requirement {
  const since = months === 0 ? '' : monthsBefore(d.f.now, Math.floor(months));
  const asks = `Concluded${approved ? ' and approved' : ''}${months === 0 ? ', at any time' : ` within ${plural(months, 'month')}`}.`;
  const held = of(d, register, ['concluded', 'approved']).filter((a) => textOf(a, 'heldOn') !== undefined);
  const recent = held.filter((a) => String(a.values.heldOn) >= since && String(a.values.heldOn) <= d.today);
  const good = recent.find((a) => !approved || (a.state === 'approved' && stands(d, a)));
  if (good)
    return item(register, title, asks, 'done', `${named(good)}, held on ${String(good.values.heldOn)}.`, {
      records: [good.ref],
    });
  const open = recent[0] ?? of(d, register, ['planned'])[0];
  const old = held
    .map((a) => String(a.values.heldOn))
    .sort()
    .at(-1);
  return item(
    register,
    title,
    asks,
    'missing',
    recent[0]
      ? `${named(recent[0])} is not approved as it is now.`
      : old
        ? `The last was held on ${old}.`
        : 'None is concluded.',
    {
      records: open ? [open.ref] : [],
      next: open
        ? { text: recent[0] ? `Have ${open.ref} approved` : `Conclude ${open.ref}`, ref: open.ref }
        : {
            text: `Plan ${title.startsWith('AI') ? 'an impact assessment' : 'a risk assessment'}`,
            create: d.f.registers[register],
          },
    },
  );
}

function risks(d: Known): Requirement {
  const open = of(d, 'risk').filter((r) => r.state !== 'closed');
  const asks = `Risks rated; what is above the appetite is treated${d.policy.acceptResiduals ? ', rated again' : ''} or accepted.`;
  const next = { text: 'Record a risk', create: d.f.registers.risk };
  if (open.length === 0)
    return item(
      'risks',
      'Risks',
      asks,
      'missing',
      'No risk is recorded: that nothing is known is not the same as no risk.',
      { next },
    );
  const unrated = open.filter((r) => inherentLevel(claimOf(r.values)) === undefined);
  const first = unrated[0];
  if (first)
    return item('risks', 'Risks', asks, 'missing', `${plural(unrated.length, 'risk')} not rated.`, {
      records: refs(unrated),
      next: { text: `Rate ${first.ref}`, ref: first.ref },
    });
  const appetite = numberOf(d.f.criteria, 'appetite');
  const above = open.filter((r) => appetite !== undefined && !isSettled(d, r, appetite));
  const worst = above[0];
  return worst
    ? item(
        'risks',
        'Risks',
        asks,
        'missing',
        `${plural(above.length, 'risk')} above the appetite of ${appetite}, neither treated down to it nor accepted.`,
        { records: refs(above), next: { text: `Treat ${worst.ref}, or have it accepted`, ref: worst.ref } },
      )
    : item('risks', 'Risks', asks, 'done', `${plural(open.length, 'risk')} rated.`, { records: refs(open) });
}

/** Within the appetite as it stands, or accepted by a decision that still counts. What tests say is asked of each release. */
function isSettled(d: Known, r: Fact, appetite: number): boolean {
  if (r.state === 'accepted' && stands(d, r)) return true;
  const claim = claimOf(r.values);
  const treated = (r.state === 'treated' || r.state === 'accepted') && isResidualRated(claim);
  return (treated ? residualLevel(claim)! : inherentLevel(claim)!) <= appetite;
}

const words = (name: string): string => name.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`);
