import { asList, type Register } from '../../src/register/register.ts';
import { derivedKind } from '../../src/register/slots.ts';
import type { Who } from '../../src/register/who.ts';
import { DEPTH } from './depth.ts';

/**
 * What one register does over HTTP another does by the same lines, as long as their declarations are of the same kinds. So the longest of the
 * tests that go over all registers look closely at a few that between them have every kind that any of them has, and at the others in
 * passing. Which ones follows from the declarations; with greater depth it is all of them.
 */

/** What of a declaration a test is about. */
type About = 'values' | 'people';

/** How somebody is let in: by a role, by belonging here, or through what the record says of them. */
function wayIn(who: Who): string {
  if (who.startsWith('self.')) return 'self.field';
  if (who.includes('.')) return 'link.field';
  return ['owner', 'author', 'anyone', 'member', 'engine'].includes(who) ? who : 'role';
}

const flags = (o: object): string[] =>
  Object.entries(o).flatMap(([name, value]) => (value === true ? [name] : []));

function kindsOfValues(r: Register): string[] {
  const parts = { locked: r.locked, ended: r.ended, frees: r.frees, fixed: Object.keys(r.fixed) };
  return [
    ...Object.entries(r.fields).flatMap(([name, f]) => [
      `field ${f.kind}`,
      ...flags(f).map((flag) => `field ${flag}`),
      ...(name === r.title ? [`title ${f.kind}`] : []),
      ...(name === r.unique ? [`unique ${f.kind}`] : []),
      ...(name === r.hiddenFrom ? ['hidden from'] : []),
    ]),
    ...Object.values(r.links).flatMap((l) => [
      l.to === r.name ? 'link to itself' : 'link to another',
      ...flags(l).map((flag) => `link ${flag}`),
    ]),
    ...Object.keys(r.derived).map((name) => `derived ${derivedKind(r, name)}`),
    ...Object.entries(parts).flatMap(([name, list]) => (list.length > 0 ? [name] : [])),
  ];
}

function kindsOfPeople(r: Register): string[] {
  const { read, create, edit } = r.permissions;
  return [
    ...Object.entries({ read, create, edit }).flatMap(([deed, by]) => by.map((w) => `${deed} ${wayIn(w)}`)),
    ...(r.hiddenFrom ? ['hidden from'] : []),
    ...Object.values(r.transitions).flatMap((step) => [
      ...asList(step.by).map((w) => `step ${wayIn(w)}`),
      ...Object.entries(step)
        .filter(([name, value]) => value !== undefined && !['label', 'from', 'to', 'by'].includes(name))
        .map(([name]) => `step ${name}`),
    ]),
  ];
}

export const kindsIn = (r: Register, about: About): Set<string> =>
  new Set(about === 'values' ? kindsOfValues(r) : kindsOfPeople(r));

/**
 * Of these registers some that between them have every kind that any has: each time the one with most that is missing, at most so many. All with
 * depth. Three have two thirds of all kinds; a test that stops there looks at the others in passing.
 */
export function representing(
  registers: readonly Register[],
  about: About,
  most = registers.length,
): ReadonlySet<string> {
  if (DEPTH > 1) return new Set(registers.map((r) => r.name));
  const missing = new Set(registers.flatMap((r) => [...kindsIn(r, about)]));
  const chosen = new Set<string>();
  while (missing.size > 0 && chosen.size < most) {
    const gain = (r: Register) => [...kindsIn(r, about)].filter((k) => missing.has(k)).length;
    const next = registers.reduce((best, r) => (gain(r) > gain(best) ? r : best));
    for (const k of kindsIn(next, about)) missing.delete(k);
    chosen.add(next.name);
  }
  return chosen;
}
