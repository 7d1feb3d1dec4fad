import { claimOf, inherentLevel, isResidualRated, residualLevel } from '../risk/rating.ts';
import type { Rec } from './neighbourhood.ts';
import { fallbackPolicy, type GatePolicy, isRiskClass, policyFrom } from './policy.ts';
import { linksOf, monthsBefore, named, numberOf, plural, rowsOf, textOf } from './reading.ts';
import type { Requirement, Requirements, SystemFacts } from './requirement.ts';

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

interface Known {
  f: SystemFacts;
  policy: GatePolicy;
  today: string;
}

const item = (
  id: string,
  title: string,
  asks: string,
  status: Requirement['status'],
  text: string,
  more: Partial<Pick<Requirement, 'records' | 'next'>> = {},
): Requirement => ({ id, title, asks, status, text, records: [], ...more });

type Fact = SystemFacts['about'][number];

const of = (d: Known, register: keyof SystemFacts['registers'], states?: readonly string[]): Fact[] =>
  d.f.about.filter((r) => r.register === d.f.registers[register] && (!states || states.includes(r.state)));

/** A decision that led to its state still counts: nothing has changed since. */
const stands = (r: Fact): boolean => r.standing === 'current' || r.standing === 'alone';

const refs = (rs: readonly Rec[]): string[] => rs.map((r) => r.ref);

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
    policy.ownerMustApprove && 'owner',
    policy.approverMustApprove && 'approver',
    policy.oversightMustApprove && 'oversight',
  ].filter((x): x is string => x !== false);
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
  const there = of(d, 'verificationPlan', ['fixed']).filter(stands);
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
  const good = recent.find((a) => !approved || (a.state === 'approved' && stands(a)));
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
  const above = open.filter((r) => appetite !== undefined && !isSettled(r, appetite));
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
function isSettled(r: Fact, appetite: number): boolean {
  if (r.state === 'accepted' && stands(r)) return true;
  const claim = claimOf(r.values);
  const treated = (r.state === 'treated' || r.state === 'accepted') && isResidualRated(claim);
  return (treated ? residualLevel(claim)! : inherentLevel(claim)!) <= appetite;
}

function rollback(d: Known): Requirement {
  const asks = 'A way back to a named target, approved.';
  const there = of(d, 'rollbackPlan', ['approved']).filter(stands);
  if (there[0])
    return item('rollback', 'Rollback plan', asks, 'done', `${named(there[0])}.`, { records: refs(there) });
  const draft = of(d, 'rollbackPlan', ['draft', 'approved'])[0];
  return item(
    'rollback',
    'Rollback plan',
    asks,
    'missing',
    draft ? `${named(draft)} is not approved as it is now.` : 'There is none.',
    {
      next: draft
        ? { text: `Have ${draft.ref} approved`, ref: draft.ref }
        : { text: 'Write a rollback plan', create: d.f.registers.rollbackPlan },
    },
  );
}

function drill(d: Known, kind: 'rollback' | 'stop' | 'communication', months: number): Requirement {
  const title = { rollback: 'Rollback drill', stop: 'Stop drill', communication: 'Communication drill' }[
    kind
  ];
  const id = `${kind}Drill`;
  if (months === 0)
    return item(id, title, 'No drill.', 'notAsked', `Not asked of class ${d.policy.riskClass}.`);
  const asks = `Succeeded and verified within ${plural(months, 'month')}.`;
  const all = of(d, 'drill').filter((r) => r.values.kind === kind);
  const held = all
    .filter((r) => r.state === 'verified' && stands(r) && r.values.outcome === 'succeeded')
    .map((r) => ({ r, on: textOf(r, 'heldOn') ?? '' }))
    .filter(({ on }) => on !== '' && on <= d.today)
    .sort((a, b) => (a.on < b.on ? 1 : -1))[0];
  if (held && held.on >= monthsBefore(d.f.now, Math.floor(months)))
    return item(id, title, asks, 'done', `${named(held.r)}, held on ${held.on}.`, { records: [held.r.ref] });
  const open = all.find((r) => r.state === 'held' || r.state === 'planned');
  return item(
    id,
    title,
    asks,
    'missing',
    held ? `The last was held on ${held.on}.` : 'None has succeeded yet.',
    {
      next: open
        ? {
            text: `${open.state === 'held' ? 'Have' : 'Hold'} ${open.ref}${open.state === 'held' ? ' verified' : ''}`,
            ref: open.ref,
          }
        : { text: `Plan a ${kind} drill`, create: d.f.registers.drill },
    },
  );
}

function monitor(d: Known): Requirement {
  const asks =
    d.policy.riskClass === 'minimal'
      ? 'Somebody looks after it in use: its owner.'
      : 'Watched in use by at least one metric or log.';
  if (d.policy.riskClass === 'minimal')
    return item('monitoring', 'Monitoring', asks, 'notAsked', 'No metric is asked of class minimal.');
  const there = of(d, 'monitor').filter(
    (m) => linksOf(m, 'systems').includes(d.f.system.ref) && m.state === 'running',
  );
  return there.length > 0
    ? item('monitoring', 'Monitoring', asks, 'done', `${plural(there.length, 'monitor')}.`, {
        records: refs(there),
      })
    : item('monitoring', 'Monitoring', asks, 'missing', 'Nothing watches it yet.', {
        next: { text: 'Set up a monitor', create: d.f.registers.monitor },
      });
}

const words = (name: string): string => name.replace(/([A-Z])/g, (c) => ` ${c.toLowerCase()}`);

/** Told only where there is one: most systems never have an emergency. */
function emergencies({ f }: Known): Requirement[] {
  return (f.emergencyUse ?? []).map((e) => {
    const over = Date.parse(e.until) <= Date.parse(f.now);
    return item(
      'emergency',
      'Emergency',
      'A release that is in use by an emergency decision is taken back or replaced within its hours.',
      over ? 'missing' : 'done',
      over
        ? `${e.release} (${e.title}) is still in use; the decision ended at ${e.until}.`
        : `${e.release} (${e.title}) is in use; the decision ends at ${e.until}.`,
      {
        records: [e.release],
        ...(over
          ? { next: { text: 'Roll it back, or ship a release with a ticket of its own', ref: e.release } }
          : {}),
      },
    );
  });
}
