import type { App, Asking } from '../../src/app/context.ts';
import { closedTo } from '../../src/register/closed.ts';
import { asList, type Register } from '../../src/register/register.ts';
import type { Actor, Role } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { dayFrom, standing } from './arrange.ts';
import { given, type TestInstance } from './instance.ts';
import { wanted } from './wanted.ts';

/** Organisations of each size with their people, and records in every state, with values by which steps are for them or not. */

/** Steps that hang on other records: what is read before anybody can tell, and values with which the step is refused here. */
export const READ: Readonly<Record<string, { reads: string; with: Record<string, unknown> }>> = {
  'aiSystem.exclude': { reads: 'the ticket under which a system leaves the scope', with: {} },
  'audit.begin': { reads: 'what its auditors did in the period', with: { kind: 'audit' } },
  'audit.report': { reads: 'the findings of the audit', with: { kind: 'audit', result: 'doesNotConform' } },
  'auditFinding.raise': { reads: 'whether the report of the audit is issued', with: {} },
  'auditFinding.close': { reads: 'whether its cause is followed up', with: { grade: 'major' } },
  'criteria.approve': {
    reads: 'the criteria in force, and the ticket under which they ask for less',
    with: {},
  },
  'incident.close': { reads: 'whether what was linked was sent', with: { reportable: true } },
  'nonconformity.close': { reads: 'the state of its actions', with: { kind: 'actual' } },
  'release.ship': { reads: 'what the gate says of it now', with: {} },
  'verificationPlan.fix': {
    reads: 'the criteria in force, and how the system was judged before',
    with: { threshold: 90 },
  },
};

export interface World {
  t: TestInstance;
  people: Record<string, Actor>;
  systems: string[];
}

let seed = 0;

/** Of the criteria in force. */
export const APPETITE = 6;

/** An organisation of its own, with its people. The criteria in force say of which size it is. */
export async function world(
  t: TestInstance,
  mode: 'alone' | 'small' | 'larger',
  roles: Record<string, Role[]>,
): Promise<World> {
  const organisation = await t.newOrganisation(mode);
  const here = { ...t, organisation };
  const people: Record<string, Actor> = {};
  for (const [name, of] of Object.entries(roles)) {
    const guest = name === 'guest' ? { guest: true } : {};
    const { ref } = await given(here, 'person', { name, roles: of, ...guest });
    people[name] = {
      organisation: organisation.id,
      organisationSlug: organisation.slug,
      kind: 'person',
      ref,
      name,
      roles: of,
    };
  }
  await standing(here, registry.get('criteria'), 'approved', 1, { more: { mode, appetite: APPETITE } });
  return { t: here, people, systems: [] };
}

export const within = (w: World, actor: Actor): [App, Asking] => [
  { ...w.t.app, db: w.t.app.db.as(actor.ref, closedTo(registry, actor)) },
  { actor, reauthenticate: () => Promise.resolve(true) },
];

export const refOf = (w: World, ...names: string[]): string =>
  names.map((n) => w.people[n]?.ref).find((r) => r !== undefined)!;

/** What a record of the register must say to have come into its states at all. */
const BASE: Readonly<Record<string, string>> = { managementReview: 'hold', audit: 'approve', risk: 'assess' };

/** Values by which the steps from a state are for the record or not: of each condition one that has it, and one that has not. */
export async function variants(w: World, r: Register, state: string): Promise<Record<string, unknown>[]> {
  const base = BASE[r.name] ? await wanted(w.t, `${r.name}.${BASE[r.name]}`) : {};
  const out: Record<string, unknown>[] = [];
  for (const name of stepsFrom(r, state)) {
    const x = r.transitions[name]!;
    for (const c of [x.when, x.onlyBy]) {
      if (!c) continue;
      const named = [...(c.is ?? []), ...('isNot' in c ? (c.isNot ?? []) : [])];
      const other = r.fields[c.field]!.options!.find((o) => !named.includes(o));
      for (const value of [named[0], other]) out.push({ ...base, [c.field]: value });
    }
    if (x.after)
      for (const days of [1, 900])
        out.push({ ...base, [x.after.day]: dayFrom(w.t, -30), [x.after.days]: days });
    const more = await wanted(w.t, `${r.name}.${name}`);
    if (Object.keys(more).length > 0) out.push({ ...base, ...more });
    const later = READ[`${r.name}.${name}`];
    if (later) out.push({ ...base, ...more, ...later.with });
    if (`${r.name}.${name}` === 'risk.accept')
      out.push({ ...base, likelihood: 5, impactIndividuals: 5, residualLikelihood: 5 });
  }
  const seen = new Set<string>();
  const each = out.filter((v) => !seen.has(JSON.stringify(v)) && seen.add(JSON.stringify(v)));
  return each.length > 0 ? each : [base];
}

export async function arranged(
  w: World,
  r: Register,
  state: string,
  more: object,
  author: string,
): Promise<string> {
  seed += 1;
  const people = Object.fromEntries(
    Object.entries(r.fields)
      .filter(([n, f]) => ['person', 'people'].includes(f.kind) && !f.engine && n !== r.hiddenFrom)
      .map(([n, f]) => {
        const ref = refOf(w, n === 'owner' ? 'owner' : 'named', 'only');
        return [n, f.kind === 'people' ? [ref] : ref];
      }),
  );
  const links = Object.entries(r.links)
    .filter(([, l]) => l.to === 'aiSystem')
    .map(([name]) => [name, w.systems.slice(0, 1)]);
  return standing(w.t, r, state, seed, {
    author,
    more: { ...people, ...Object.fromEntries(links), ...more },
  });
}

export const stepsFrom = (r: Register, state: string): string[] =>
  Object.entries(r.transitions)
    .filter(([, x]) => asList(x.from).includes(state) && !asList(x.by).every((b) => b === 'engine'))
    .map(([name]) => name);

export const EVERYBODY: Record<string, Role[]> = {
  top: ['topManagement'],
  management: ['designatedManagement'],
  manager: ['aimsManager'],
  auditor: ['auditor'],
  contributor: ['contributor'],
  owner: ['contributor'],
  named: ['contributor'],
  systemOwner: ['contributor'],
  systemApprover: ['contributor'],
  delegate: ['contributor'],
};

export async function withSystem(w: World, riskClass: string): Promise<void> {
  w.systems.push(
    await standing(w.t, registry.get('aiSystem'), 'inScope', 900, {
      more: {
        owner: refOf(w, 'systemOwner', 'only'),
        approver: refOf(w, 'systemApprover', 'guest', 'only'),
        oversight: refOf(w, 'named', 'only'),
        riskClass,
        inScope: 'in',
      },
    }),
  );
}

/** An accepted delegation of one to another. */
export const lends = (w: World, from: string, to: string, days = 30): Promise<string> =>
  standing(w.t, registry.get('responsibility'), 'accepted', 901, {
    author: refOf(w, from),
    more: {
      kind: 'delegation',
      owner: refOf(w, to),
      delegator: refOf(w, from),
      startsOn: undefined,
      endsOn: dayFrom(w.t, days),
      systems: [],
    },
  });
