import { describe, expect, test } from 'vitest';
import { checkRegisters } from '../register/check.ts';
import { kindOf } from '../register/kinds.ts';
import { placeholdersIn } from '../register/placeholders.ts';
import { asList, type Register, Registry, type Transition } from '../register/register.ts';
import { derivedKind } from '../register/slots.ts';
import { demandedIn, schemaOf } from '../register/values.ts';
import { clauses, controls } from '../standard/clauses.ts';
import { documentedInformation } from '../standard/documents.ts';
import { criteria } from './criteria.ts';
import { DOCUMENT_KINDS } from './document.ts';
import { registry } from './index.ts';
import { untouched } from './template-text.ts';
import { templates } from './templates.ts';

const known = new Set([...clauses, ...controls].map((c) => c.id));

test('all declarations have no fault that start-up would refuse', () => {
  expect(checkRegisters(registry, known, new Set(documentedInformation.map((d) => d.id)))).toEqual([]);
  expect(registry.all.length).toBeGreaterThan(30);
});

test('every record can be made from a form with at most three answers', () => {
  const people = registry.all.filter((r) => !r.permissions.create.every((w) => w === 'engine'));
  expect(people.length).toBeGreaterThan(25);
  for (const r of people) {
    const fields = Object.entries(r.fields).filter(([, f]) => f.required && f.defaultTo === undefined);
    const links = Object.entries(r.links).filter(([, l]) => l.min > 0 && !l.later);
    const input = Object.fromEntries([
      ...fields.map(([n, f]) => [n, kindOf(f).sample(f, 1)]),
      ...links.map(([n, l]) => [n, [`${registry.get(l.to).prefix}-0001`]]),
    ]);
    expect(Object.keys(input).length, r.name).toBeLessThanOrEqual(3);
    expect(schemaOf(r, 'create').safeParse(input).success, r.name).toBe(true);
  }
});

test('default values are valid input for their own fields', () => {
  let seen = 0;
  for (const r of registry.all)
    for (const [name, f] of Object.entries(r.fields)) {
      if (f.defaultTo === undefined) continue;
      seen += 1;
      expect(kindOf(f).schema(f).safeParse(f.defaultTo).success, `${r.name}.${name}`).toBe(true);
    }
  expect(seen).toBeGreaterThanOrEqual(6);
});

test('a decision that approves or accepts is never taken by the author, except where the gate asks again', () => {
  const own = registry.all.flatMap((r) =>
    Object.entries(r.transitions)
      .filter(([, t]) => t.decision && !t.separate)
      .map(([n]) => `${r.name}.${n}`),
  );
  // One person alone can set up a system; the gate asks for a confirmation by somebody else. Everybody says of themselves what they read.
  expect(own).toEqual(['aiSystem.include', 'aiSystem.exclude', 'document.acknowledge']);
});

test('no API key can decide', () => {
  const byKey = registry.all.flatMap((r) =>
    Object.entries(r.transitions)
      .filter(
        ([, t]) => t.decision && asList(t.by).some((w) => w === 'ci' || w === 'anyone' || w === 'reader'),
      )
      .map(([n]) => `${r.name}.${n}`),
  );
  expect(byKey).toEqual([]);
});

test('tables have at most eight columns, and derived figures sort as numbers', () => {
  for (const r of registry.all) expect(r.columns.length, r.name).toBeLessThanOrEqual(8);
  expect(derivedKind(registry.get('risk'), 'level')).toBe('n');
  expect(derivedKind(registry.get('testRun'), 'failRate')).toBe('n');
  expect(derivedKind(registry.get('aiSystem'), 'organisationRole')).toBe('t');
});

test('the criteria begin with the default gate policy, one row per risk class', () => {
  const rows = criteria.fields.gatePolicy!.defaultTo as { riskClass: string }[];
  expect(rows.map((r) => r.riskClass)).toEqual(['minimal', 'limited', 'high']);
});

test('every clause, every control and every item of documented information has a home', () => {
  const numbered = [...clauses, ...controls];
  expect([numbered.length, documentedInformation.length]).toEqual([70, 62]);
  expect(numbered.filter((c) => !registry.all.some((r) => r.clauses[c.id])).map((c) => c.id)).toEqual([]);
  expect(
    documentedInformation
      .filter((d) => !registry.all.some((r) => r.documents.includes(d.id)))
      .map((d) => d.id),
  ).toEqual([]);
});

test('what a state demands is what every way into it asks for', () => {
  expect([...demandedIn(registry.get('risk')).get('assessed')!].sort()).toEqual([
    'impactIndividuals',
    'impactOrganisation',
    'impactSociety',
    'likelihood',
    'scenario',
  ]);
  expect([...demandedIn(registry.get('risk')).get('open')!]).toEqual([]);
  expect([...demandedIn(registry.get('risk')).get('closed')!].sort()).toEqual([
    'impactIndividuals',
    'impactOrganisation',
    'impactSociety',
    'likelihood',
    'scenario',
  ]);
});

test('what a state demands of a record of one kind is what the steps for that kind ask for', () => {
  const demanded = (kind: string) =>
    [...demandedIn(registry.get('release'), { kind }).get('submitted')!].sort();
  expect(demanded('release')).toEqual(['change', 'components', 'plan', 'rollbackPlan']);
  expect(demanded('useClearance')).toEqual(['dataClasses', 'overseer', 'purpose', 'supplier', 'useUntil']);
  expect([...demandedIn(registry.get('release')).get('submitted')!]).toEqual([]);
  const change = registry.get('change');
  expect(demandedIn(change, { kind: 'envelope' }).get('submitted')).toContain('envelopeKinds');
  expect(demandedIn(change, { kind: 'release' }).get('submitted')).not.toContain('envelopeKinds');
});

test('what steps ask of linked records, days and links that grow name what is there', () => {
  const faults = (name: string, changed: Partial<Register>) => {
    const all = registry.all.map((r) => (r.name === name ? { ...r, ...changed } : r));
    return checkRegisters(new Registry(all), known).join('\n');
  };
  const { transitions } = registry.get('nonconformity');
  const closing = (linked: Transition['linked'], requiresOf?: Transition['requiresOf']) =>
    faults('nonconformity', {
      transitions: { ...transitions, close: { ...transitions.close!, linked, requiresOf } },
    });
  const next = 'x';
  expect(closing([{ via: 'actions', states: ['effective'], next }])).toBe('');
  expect(closing([{ via: 'acts', states: ['effective'], next }])).toContain(
    'acts, which is no link and no way back',
  );
  expect(closing([{ via: 'actions', states: ['done?'], next }])).toContain('which is no state of action');
  const where = { field: 'kind', is: ['never'] };
  expect(closing([{ via: 'actions', states: ['effective'], where, next }])).toContain('kind being never');
  expect(closing(undefined, [{ ...where, names: ['nothing'] }])).toMatch(
    /kind being never[\s\S]*requires nothing/,
  );
  expect(faults('nonconformity', { grows: { acts: ['closed'] } })).toContain(
    'only adds to acts, which is no link',
  );
  expect(faults('nonconformity', { grows: { findings: ['over'] } })).toContain(
    'findings in over, which is no state',
  );
  const { links } = registry.get('action');
  const shut = { states: ['over'], next };
  expect(
    faults('action', { links: { ...links, nonconformities: { ...links.nonconformities!, shut } } }),
  ).toContain('nonconformities is shut to over, which is no state of nonconformity');
  expect(faults('apiKey', { within: [{ day: 'title', to: { days: 1 } }] })).toContain(
    'title within days, which is no date',
  );
});

describe('templates of documents', () => {
  test('each is usable: a kind that exists, clauses that exist, places to fill in, and nothing of it counts as one’s own', () => {
    expect(templates.length).toBeGreaterThanOrEqual(12);
    for (const t of templates) {
      expect(DOCUMENT_KINDS, t.id).toContain(t.kind);
      expect(t.clauses.length, t.id).toBeGreaterThan(0);
      for (const c of t.clauses) expect(known.has(c), `${t.id}: ${c}`).toBe(true);
      expect(t.body.length, t.id).toBeGreaterThan(600);
      expect(placeholdersIn(t.body).length, t.id).toBeGreaterThan(1);
      expect(untouched(t.id, t.body)).toBe('unedited');
      // Copied by hand, it is the template still; with other line ends and spaces too.
      expect(untouched(undefined, t.body.replaceAll('\n', ' \r\n'))).toBe('unedited');
      expect(untouched(t.id, `${t.body}\nMore.`)).toBe('placeholders');
      const filled = t.body.replace(/\[[A-Z][^\][\n]{2,80}\](?!\()/g, 'something of ours');
      expect(placeholdersIn(filled), t.id).toEqual([]);
      expect(untouched(t.id, filled)).toBeUndefined();
    }
    expect(new Set(templates.map((t) => t.id)).size).toBe(templates.length);
  });

  test('links and footnotes of Markdown are no places to fill in', () => {
    expect(placeholdersIn('See [The policy](https://example.com), [1], [x] and [ ].')).toEqual([]);
    expect(placeholdersIn('Of [Name of the organisation] and [Name of the organisation].')).toEqual([
      '[Name of the organisation]',
    ]);
  });
});

test('decisions cover what everybody sees who reads the record: so what they stand on is the same for all of them', () => {
  const faults = (changed?: Register) => {
    const all = registry.all.map((r) => (r.name === changed?.name ? changed : r));
    return checkRegisters(new Registry(all), known).filter((f) => f.includes('not everybody sees'));
  };
  expect(faults()).toEqual([]);
  const component = registry.get('component');
  const covering = registry.all.filter((r) =>
    r.covers.some((c) => c.link === 'components' || c.inverse === 'components'),
  );
  expect(covering.length).toBeGreaterThan(3);
  for (const less of [
    { ...component, permissions: { ...component.permissions, read: ['auditor'] as const } },
    { ...component, hiddenFrom: 'name' },
  ])
    for (const { name } of covering)
      expect(faults(less), name).toContainEqual(
        expect.stringContaining(`register ${name}: covers component`),
      );
});
