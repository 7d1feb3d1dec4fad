import { requiredFor } from './conditions.ts';
import { FIRST_RULE } from './covering.ts';
import type { Field } from './field.ts';
import {
  asList,
  type Cover,
  type Linked,
  type Register,
  type Registry,
  type Shown,
  type Transition,
  type Where,
} from './register.ts';
import { SLOT_COUNTS, slotted } from './slots.ts';
import { ROLES, type Who } from './who.ts';

/** Names that every record has, or that the parameters of a list need. */
const ALWAYS_RESERVED = [
  'ref',
  'register',
  'state',
  'values',
  'links',
  'derived',
  'limit',
  'after',
  'sort',
  'q',
  'number',
  'version',
];

/** Names that mean something else in the body or on the command line of those who create records. */
export const RESERVED = [
  ...ALWAYS_RESERVED,
  'total',
  'format',
  'reason',
  'until',
  'password',
  'asOf',
  'dryRun',
  'import',
  'export',
  'versions',
  'proof',
  'may',
  'references',
];

const NAME = /^[a-z][A-Za-z0-9]{0,40}$/;

/**
 * What the compiler cannot see about the declarations. Returns a sentence per fault, naming register and
 * field; start-up refuses when there is one.
 */
export function checkRegisters(
  registry: Registry,
  knownClauses: ReadonlySet<string>,
  knownDocuments: ReadonlySet<string> = new Set(),
  knownIntervals: ReadonlySet<string> = new Set(),
): string[] {
  const faults: string[] = [];
  const names = new Set<string>();
  const prefixes = new Set<string>();
  for (const r of registry.all) {
    const say = (what: string) => faults.push(`register ${r.name}: ${what}`);
    if (!NAME.test(r.name)) say('its name must be letters and digits, beginning small');
    if (!/^[A-Z]{3}$/.test(r.prefix)) say(`prefix ${r.prefix} must be three capital letters`);
    if (names.has(r.name)) say('declared twice');
    if (prefixes.has(r.prefix)) say(`prefix ${r.prefix} is used twice`);
    names.add(r.name);
    prefixes.add(r.prefix);
    checkNames(r, say);
    checkFields(r, say);
    checkLinks(registry, r, say);
    checkWorkflow(registry, r, say);
    for (const cap of capsOf(r))
      if (knownIntervals.size > 0 && !knownIntervals.has(cap))
        say(`is capped by ${cap}, which is no interval of the criteria`);
    for (const c of Object.keys(r.clauses))
      if (!knownClauses.has(c)) say(`clause ${c} is not in the standard's list`);
    for (const d of r.documents)
      if (knownDocuments.size > 0 && !knownDocuments.has(d))
        say(`documented information ${d} is not in the list`);
    for (const c of r.columns)
      if (!r.fields[c] && !r.links[c] && !r.derived[c] && !['state', 'updatedAt', 'createdAt'].includes(c))
        say(`column ${c} is no field, link or derived value`);
    const counts: Record<string, number> = { t: 0, n: 0, d: 0 };
    for (const s of slotted(r)) counts[s.kind]! += 1;
    for (const [kind, max] of Object.entries(SLOT_COUNTS))
      if (counts[kind]! > max)
        say(`has ${counts[kind]} sortable columns of kind ${kind}; there is room for ${max}`);
  }
  return faults;
}

function checkNames(r: Register, say: (s: string) => void): void {
  const seen = new Set<string>();
  const reserved = r.permissions.create.every((w) => w === 'engine') ? ALWAYS_RESERVED : RESERVED;
  for (const n of [...Object.keys(r.fields), ...Object.keys(r.links), ...Object.keys(r.derived)]) {
    if (!NAME.test(n)) say(`${n} must be letters and digits, beginning small`);
    if (reserved.includes(n)) say(`${n} is a reserved name`);
    if (seen.has(n)) say(`${n} is declared twice among fields, links and derived values`);
    seen.add(n);
  }
  for (const t of Object.keys(r.transitions))
    if (RESERVED.includes(t) || !NAME.test(t)) say(`transition ${t} is not usable as a name`);
}

function checkFields(r: Register, say: (s: string) => void): void {
  const required = Object.values(r.transitions).flatMap((t) => requiredFor(t));
  if (r.hiddenFrom && r.fields[r.hiddenFrom]?.kind !== 'people')
    say(`hidden from ${r.hiddenFrom}, which is no field of people`);
  for (const [n, f] of Object.entries(r.fields)) {
    checkClaim(r, n, f, say);
    if (f.due && f.kind !== 'date') say(`field ${n} is due, but no date`);
    if (f.later && !required.includes(n)) say(`field ${n} is later, but no transition requires it`);
    if ((f.kind === 'choice' || f.kind === 'choices') && !f.options?.length)
      say(`field ${n} offers no choice`);
    if (f.kind === 'table' && Object.keys(f.columns ?? {}).length === 0) say(`field ${n} has no columns`);
  }
  const open = Object.values(r.fields).filter((f) => f.required && f.defaultTo === undefined).length;
  const linksAtOnce = Object.values(r.links).filter((l) => l.min > 0 && !l.later && !l.engine).length;
  const byPeople = !r.permissions.create.every((w) => w === 'engine');
  if (byPeople && open + linksAtOnce > 3)
    say(`asks ${open + linksAtOnce} things to create a record; at most three`);
  if (!r.fields[r.title]) say(`title ${r.title} is no field`);
  if (r.unique && !r.fields[r.unique]) say(`unique ${r.unique} is no field`);
}

/** Intervals that cap its days and the ends of its decisions. */
export const capsOf = (r: Register): string[] => [
  ...Object.values(r.fields).flatMap(({ claim }) => (claim?.is === 'review' ? [claim.cap] : [])),
  ...Object.values(r.transitions).flatMap((t) => t.until?.cap ?? []),
];

function checkClaim(r: Register, n: string, f: Field, say: (s: string) => void): void {
  const { claim, kind } = f;
  if ((claim === undefined) === (kind === 'date' || kind === 'moment')) {
    const none = `does not say what its day claims: happened, begins, ends, review, agreed or recorded`;
    say(`field ${n} ${claim ? 'claims a day, but is no date or moment' : none}`);
    return;
  }
  if (f.due && claim && !['ends', 'review', 'agreed'].includes(claim.is))
    say(`field ${n} is due, but nothing is to be done by what ${claim.is}`);
  if (claim?.is === 'review' && claim.from && r.fields[claim.from]?.kind !== kind)
    say(`field ${n} counts from ${claim.from}, which is no ${kind} of it`);
  const before =
    claim?.is === 'happened' ? (claim.since ?? []) : claim?.is === 'ends' && claim.from ? [claim.from] : [];
  for (const name of before) {
    const day = r.fields[name];
    if (day ? day.kind !== kind : claim?.is === 'ends' || !r.links[name])
      say(
        `field ${n} is not before ${name}, which is no ${kind}${claim?.is === 'happened' ? ' and no link' : ''} of it`,
      );
  }
}

function checkLinks(registry: Registry, r: Register, say: (s: string) => void): void {
  for (const [n, l] of Object.entries(r.links)) {
    const target = registry.find(l.to);
    if (!target) {
      say(`link ${n} leads to ${l.to}, which is no register`);
      continue;
    }
    const clash = registry.inversesOf(l.to).filter((i) => i.inverse === l.inverse);
    if (clash.length > 1) say(`link ${n}: ${l.to} has two ways back called ${l.inverse}`);
    for (const s of l.shut?.states ?? [])
      if (!registry.find(l.to)?.states.includes(s))
        say(`link ${n} is shut to ${s}, which is no state of ${l.to}`);
    if (l.acyclic && l.to !== r.name) say(`link ${n} is acyclic, but leads to another register`);
    if (target.fields[l.inverse] || target.links[l.inverse] || target.derived[l.inverse])
      say(`link ${n}: the way back ${l.inverse} is already a name of ${l.to}`);
  }
  for (const c of r.covers) checkCover(registry, r, c, say);
}

function checkCover(registry: Registry, r: Register, c: Cover, say: (s: string) => void): void {
  if ([c.since, c.until].some((n) => n !== undefined && !(Number.isInteger(n) && n > FIRST_RULE)))
    say(
      `covers ${c.link} since or until a version of its rule that is not a whole number above ${FIRST_RULE}`,
    );
  if (c.until !== undefined && c.until <= (c.since ?? FIRST_RULE))
    say(`covers ${c.link} until before it began`);
  // What a test run was about would be something else from one version of the program to the next.
  if (c.beside !== true && (c.since !== undefined || c.until !== undefined))
    say(
      `covers ${c.link} from or to some version of its rule, and so only beside what the record consists of`,
    );
  const l = r.links[c.link];
  if (!l) {
    say(`covers ${c.link}, which is no link`);
    return;
  }
  // The digest of the record itself must show that it covers something else now.
  if (!l.material) say(`covers ${c.link}, which is immaterial`);
  const target = c.inverse
    ? registry.inversesOf(l.to).find((i) => i.inverse === c.inverse)?.register
    : registry.find(l.to);
  if (!target) {
    say(`covers ${c.link} ${c.inverse ?? ''}, and ${l.to} has no such way back`);
    return;
  }
  // What an approval stands on must look the same to everybody who reads the record.
  for (const through of [target, registry.find(l.to)!])
    if (through.hiddenFrom || !through.permissions.read.includes('anyone'))
      say(`covers ${through.name}, which not everybody sees who reads ${r.name}`);
  for (const f of Object.keys(c.where ?? {}))
    if (!target.fields[f]) say(`covers by ${f}, which is no field of ${target.name}`);
  for (const s of c.states ?? [])
    if (!target.states.includes(s)) say(`covers ${s}, which is no state of ${target.name}`);
}

function checkWorkflow(registry: Registry, r: Register, say: (s: string) => void): void {
  const reached = new Set([r.states[0]!]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const t of Object.values(r.transitions))
      if (asList(t.from).some((s) => reached.has(s)) && !reached.has(t.to)) {
        reached.add(t.to);
        grown = true;
      }
  }
  for (const s of r.states) if (!reached.has(s)) say(`state ${s} is never reached`);
  for (const s of [...r.locked, ...r.ended, ...r.frees]) if (!r.states.includes(s)) say(`${s} is no state`);
  for (const [n, states] of Object.entries(r.fixed)) {
    if (!r.fields[n] && !r.links[n]) say(`fixes ${n}, which is no field or link`);
    if (r.fields[n]?.engine || r.links[n]?.engine) say(`fixes ${n}, which only the engine writes`);
    for (const s of states) if (!r.states.includes(s)) say(`fixes ${n} in ${s}, which is no state`);
    // Nobody could ever fill it in.
    if (
      states.includes(r.states[0]!) &&
      !r.fields[n]?.required &&
      !((r.links[n]?.min ?? 0) > 0 && !r.links[n]!.later)
    )
      say(`fixes ${n} from the first state on, and it need not be given by then`);
  }
  for (const [n, states] of Object.entries(r.grows)) {
    if (!r.links[n] || r.links[n].engine) say(`only adds to ${n}, which is no link that people fill`);
    for (const s of states) if (!r.states.includes(s)) say(`only adds to ${n} in ${s}, which is no state`);
  }
  for (const w of r.within) {
    for (const day of [w.day, typeof w.from === 'string' ? w.from : w.day])
      if (r.fields[day]?.kind !== 'date') say(`keeps ${day} within days, which is no date`);
    if (w.where) checkWhere(r, w.where, say);
  }
  for (const [n, t] of Object.entries(r.transitions)) {
    if (t.quorum !== undefined && !(Number.isInteger(t.quorum) && t.quorum > 0 && t.decision))
      say(`transition ${n}: a quorum is a whole number of people who decide`);
    checkConditions(r, t, (s) => say(`transition ${n}: ${s}`));
    for (const q of t.requiresOf ?? []) checkWhere(r, q, (s) => say(`transition ${n}: ${s}`));
    for (const l of t.linked ?? []) checkLinked(registry, r, l, (s) => say(`transition ${n}: ${s}`));
    if (t.shown) checkShown(registry, r, t.shown, (s) => say(`transition ${n}: ${s}`));
    const where = t.severalWhere;
    if (where && !registry.find(r.links[where.link]?.to ?? '')?.fields[where.field])
      say(
        `transition ${n}: several decide by ${where.link}.${where.field}, which is no field of a linked record`,
      );
    for (const w of t.order ?? [])
      if (!asList(t.by).includes(w)) say(`transition ${n}: its order names ${w}, who may not do it`);
    for (const need of requiredFor(t))
      if (!r.fields[need] && !r.links[need])
        say(`transition ${n} requires ${need}, which is no field or link`);
    for (const found of t.finds ?? [])
      if (!t.requires?.includes(found) || r.fields[found]?.material || r.fields[found]?.engine)
        say(`transition ${n} finds ${found}, which is not a required, immaterial field that people fill`);
    for (const w of asList(t.by)) checkWho(registry, r, w, (s) => say(`transition ${n}: ${s}`));
  }
  for (const list of Object.values(r.permissions)) for (const w of list) checkWho(registry, r, w, say);
}

/** Conditions name fields that have those values. */
function checkConditions(r: Register, t: Transition, say: (s: string) => void): void {
  for (const c of [t.when, t.onlyBy]) {
    if (!c) continue;
    const options = r.fields[c.field]?.options;
    if (!options) say(`depends on ${c.field}, which is no choice`);
    for (const v of [...(c.is ?? []), ...('isNot' in c ? (c.isNot ?? []) : [])])
      if (!options?.includes(v)) say(`depends on ${c.field} being ${v}, which is no choice of it`);
  }
  const { day, days } = t.after ?? {};
  if (day && (r.fields[day]?.kind !== 'date' || r.fields[days ?? '']?.kind !== 'number'))
    say(`is taken after ${day} and ${days}, which are no day and number of days`);
}

function checkWhere(r: Register, { field, is }: Where, say: (s: string) => void): void {
  const options = r.fields[field]?.kind === 'yesNo' ? ['true', 'false'] : r.fields[field]?.options;
  for (const v of is)
    if (!options?.includes(v)) say(`depends on ${field} being ${v}, which is no choice of it`);
}

function checkLinked(registry: Registry, r: Register, l: Linked, say: (s: string) => void): void {
  const target = reachedBy(registry, r, l.via);
  if (!target) say(`asks for ${l.via}, which is no link and no way back`);
  for (const s of l.states)
    if (target && !target.states.includes(s))
      say(`asks for ${l.via} in ${s}, which is no state of ${target.name}`);
  if (l.where) checkWhere(r, l.where, say);
}

function checkShown(registry: Registry, r: Register, { by }: Shown, say: (s: string) => void): void {
  if (by === 'readings') {
    if (r.fields.readings?.kind !== 'table') say('is shown by readings, and takes none');
    return;
  }
  for (const { via, states } of by) checkLinked(registry, r, { via, states, next: '' }, say);
}

/** The register that a link of this one, or a way back to it, leads to. */
export const reachedBy = (registry: Registry, r: Register, via: string): Register | undefined =>
  r.links[via]
    ? registry.find(r.links[via].to)
    : registry.inversesOf(r.name).find((i) => i.inverse === via)?.register;

function checkWho(registry: Registry, r: Register, w: Who, say: (s: string) => void): void {
  if (['anyone', 'member', 'author', 'engine'].includes(w) || w in ROLES) return;
  if (w === 'owner') {
    if (r.fields.owner?.kind !== 'person') say('names the owner, but has no person field called owner');
    return;
  }
  const [linkName, field] = w.split('.') as [string, string | undefined];
  if (linkName === 'self') {
    if (!['person', 'people'].includes(r.fields[field ?? '']?.kind ?? ''))
      say(`${w}: ${field} is no person field`);
    return;
  }
  const target = registry.find(r.links[linkName]?.to ?? '');
  if (field === undefined || !target) say(`${w} is neither a role nor link.field`);
  else if (target.fields[field]?.kind !== 'person') say(`${w}: ${target.name} has no person field ${field}`);
}

/** Paths such as `system.approver` that a register's permissions and transitions speak of. */
export function relativePaths(r: Register): string[] {
  const all = [
    ...Object.values(r.permissions).flat(),
    ...Object.values(r.transitions).flatMap((t) => asList(t.by)),
  ];
  return [...new Set(all.filter((w) => w.includes('.') && !w.startsWith('self.')))];
}
