import type { Problem } from '../../base/failure.ts';
import { sortText, splitList } from '../../register/kinds.ts';
import type { Register } from '../../register/register.ts';
import { admittedAs } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { recordsNamed } from '../../store/exchange/imports.ts';
import type { App, Asking } from '../context.ts';
import { MADE_FOR } from './import-columns.ts';
import type { ImportRow } from './import-rows.ts';

const REF = /^[A-Z]{3}-\d{4,9}$/;

/** How a cell may be taken apart: as it stands, or at semicolons, commas or line ends. */
const readings = (text: string): string[][] => [
  splitList(text),
  [text.trim()],
  text
    .split(/\r?\n/)
    .map((s) => s.trim())
    .filter(Boolean),
  text
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean),
];

/**
 * Puts references where a file names people by name or address and records by title. What two records answer to, or none, is a fault
 * of its row: nothing is guessed. One statement for each register that is named.
 */
export async function resolveNames(
  app: App,
  ask: Asking,
  register: Register,
  rows: readonly ImportRow[],
): Promise<void> {
  const toOf = (name: string): string =>
    name === MADE_FOR || register.fields[name] ? registers.person.name : register.links[name]!.to;
  const wanted = new Map<string, Set<string>>();
  for (const row of rows)
    for (const [name, [text]] of Object.entries(row.names))
      for (const word of readings(text!).flat())
        if (!REF.test(word)) {
          const set = wanted.get(toOf(name)) ?? new Set();
          set.add(sortText(word));
          wanted.set(toOf(name), set);
        }
  const found = new Map<string, ReadonlyMap<string, readonly string[]>>();
  for (const [to, words] of wanted) found.set(to, await lookUp(app, ask, app.registry.get(to), [...words]));
  for (const row of rows)
    for (const [name, [text]] of Object.entries(row.names))
      settle(app, register, row, name, text!, found.get(toOf(name)), toOf(name));
}

/** References by title, and of people also by address. */
async function lookUp(
  app: App,
  ask: Asking,
  target: Register,
  words: string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const out = new Map<string, string[]>();
  // Whether a record of that title exists is told only to those who may read it.
  if (!admittedAs(ask.actor, target.permissions.read)) return out;
  const slot = app.slots.get(target.name)?.[target.title];
  const [rows] = await app.db.run(ask.actor.organisation, [recordsNamed(slot, target.name, words)]);
  for (const r of rows!) {
    const refs = out.get(cell.text(r.word)) ?? [];
    if (!refs.includes(cell.text(r.ref))) refs.push(cell.text(r.ref));
    out.set(cell.text(r.word), refs);
  }
  return out;
}

function settle(
  app: App,
  register: Register,
  row: ImportRow,
  name: string,
  text: string,
  found: ReadonlyMap<string, readonly string[]> | undefined,
  to: string,
): void {
  const many = register.links[name] !== undefined || register.fields[name]?.kind === 'people';
  const refsOf = (word: string): readonly string[] =>
    REF.test(word) ? [word] : (found?.get(sortText(word)) ?? []);
  const whole = (words: string[]) => words.length > 0 && words.every((w) => refsOf(w).length === 1);
  const choices = many ? readings(text) : [[text.trim()]];
  const words = choices.find(whole);
  if (words) {
    const refs = words.map((w) => refsOf(w)[0]!);
    if (name === MADE_FOR) row.madeFor = refs[0];
    else row.input[name] = many ? refs : refs[0];
    return;
  }
  const one = app.registry.get(to).label.one;
  for (const word of choices[0]!) {
    const refs = refsOf(word);
    if (refs.length === 1) continue;
    const shown = JSON.stringify(word.slice(0, 80));
    const problem: Problem = {
      path: name,
      message:
        refs.length > 1
          ? `${shown} could be ${[...refs].sort().slice(0, 5).join(', ')}; give the reference`
          : `there is no ${one} ${shown}; give a reference such as ${app.registry.get(to).prefix}-0001${to === registers.person.name ? ', a name or an e-mail address of the directory' : ' or a title'}`,
    };
    row.faults.push(problem);
  }
  // The row is told for this; a second word about the same cell would say nothing new.
  delete row.input[name];
}
