import type { Reading, ReadingsPage } from '../../answers/govern.ts';
import type { Committed } from '../../answers/record.ts';
import { deed, mayNot } from '../../authority/refusal.ts';
import { type Problem, problem } from '../../base/failure.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue, type Sentence } from '../../base/sentence.ts';
import type { TableLine } from '../../intake/lines.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { type Contents, mergeContents } from '../../register/values.ts';
import { admittedAs, type Who } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { APPENDED, LATEST, LATEST_ON } from '../../registers/with-readings.ts';
import { readingsBefore, readingsCounted } from '../../store/assure/readings.ts';
import * as cell from '../../store/db/cells.ts';
import { iso, readStatement, toStored } from '../../store/records/records.ts';
import { type App, type Asking, arrivalOf } from '../context.ts';
import { isDay } from '../exchange/csv-table.ts';
import { faulty } from '../words/faulty.ts';
import { demandRead } from '../write/access.ts';
import { store } from '../write/commit.ts';
import { retrying } from '../write/idempotent.ts';
import { together } from '../write/plan.ts';
import { ruled } from '../write/rules.ts';

const no = failures('readings', {
  ended: ['WRONG_STATE', '{ref} is {state} and takes no further readings.'],
  none: ['INVALID', 'There is no reading in it; each has at least a day (to) and a value.', '/'],
  many: ['TOO_LARGE', '{count} readings were handed in; at most {most} at once. Split them.'],
  noList: ['INVALID', 'Expected a list of readings, each {form}.', '/'],
  noObject: ['INVALID', '{place}: expected an object.'],
  member: ['INVALID', '{place}: {fault}.'],
});

const wrong = catalogue('reading', {
  object: 'expected an object',
  unknown: '{name} is not known; known are {known}',
  day: 'expected a day such as {example}, got {got}',
  ahead: 'the period ends on {day}, after today, {today}',
  reversed: 'the period begins on {from}, after its end, {to}',
  number: 'expected a number from -1e15 to 1e15, got {got}',
  note: 'expected text of at most 2000 characters',
});

/** Rows that are handed in at once; the table of a field takes as many. */
export const MOST_ROWS = 500;
/** Who may hand in readings: whoever may edit, and for a monitor a pipeline. */
export const readingsBy = (r: Register): readonly Who[] =>
  r.name === registers.monitor.name ? [...r.permissions.edit, 'ci'] : r.permissions.edit;

/**
 * Adds a batch of readings: a new version that holds the batch, with one entry in the log. What was approved stays approved; the newest value
 * by its period is kept beside it. All rows or none: every wrong one is named.
 */
export async function addReadings(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  body: Buffer,
  format: 'csv' | 'json',
): Promise<Committed> {
  const rows = await readingsIn(app, ask, body, format);
  return retrying(app, ask, register, ref, undefined, async (before, app) => {
    const as = admittedAs(ask.actor, readingsBy(register), before.relations);
    if (!as) throw mayNot(deed('handInReadings', { ref }), readingsBy(register), register.whoLabels);
    if (register.ended.includes(before.state)) throw no('ended', { ref, state: before.state });
    const newest = newestOf(rows);
    const last = before.values[LATEST_ON];
    const later = !(typeof last === 'string' && last > newest.to);
    // Every row was checked one by one; only the engine writes these fields.
    const values = { [APPENDED]: rows, ...(later ? { [LATEST]: newest.value, [LATEST_ON]: newest.to } : {}) };
    const contents: Contents = mergeContents(register, before, { values });
    const planned = await ruled(app, ask, {
      register,
      before,
      contents,
      state: before.state,
      act: 'transition',
      transition: APPENDED,
      actor: { ref: ask.actor.ref, as },
    });
    return store(app, ask, together([planned]));
  });
}

/** The newest by the end of its period; of two with the same end, the one that stands later. */
const newestOf = (rows: readonly Reading[]): Reading =>
  rows.reduce((best, r) => (r.to >= best.to ? r : best));

const COLUMNS = {
  from: { also: ['period from', 'start'] },
  to: { also: ['period to', 'date', 'day', 'end'], required: true },
  value: { required: true },
  note: {},
};
const KNOWN = Object.keys(COLUMNS);

/** Rows of a CSV with the columns from, to, value, note, or of a JSON list of such objects. */
async function readingsIn(app: App, ask: Asking, body: Buffer, format: 'csv' | 'json'): Promise<Reading[]> {
  const file = arrivalOf(ask, body);
  const rows =
    format === 'csv'
      ? csvReadings(await app.intake.read('lines', file, { columns: COLUMNS, most: MOST_ROWS }))
      : jsonReadings(await app.intake.read('json', file, { maxDepth: 4, maxKeys: 10_000 }));
  if (rows.length === 0) throw no('none');
  if (rows.length > MOST_ROWS) throw no('many', { count: rows.length, most: MOST_ROWS });
  const today = app.clock.now().toISOString().slice(0, 10);
  const problems: Problem[] = [];
  const good = rows.map(({ place, cells }) => checkRow(place, cells, today, problems));
  if (problems.length > 0) throw faulty('readings', rows.length, problems);
  return good;
}

interface Row {
  place: string;
  cells: Record<string, unknown>;
}

const csvReadings = (lines: readonly TableLine[]): Row[] =>
  lines.map(({ place, cells }) => ({
    place,
    cells: Object.fromEntries(
      Object.entries(cells).map(([k, v]) => [
        k,
        v === '' ? undefined : k === 'value' && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(v) ? Number(v) : v,
      ]),
    ),
  }));

function jsonReadings(data: JsonValue): Row[] {
  if (!Array.isArray(data)) throw no('noList', { form: '{"from"?, "to", "value", "note"?}' });
  return data.map((item, i) => {
    const place = `row ${i + 1}`;
    if (!isJsonObject(item)) throw no('noObject', { place }, [problem(place, wrong('object'))]);
    const unknown = Object.keys(item)
      .find((k) => !KNOWN.includes(k))
      ?.slice(0, 40);
    if (unknown !== undefined) {
      const fault = wrong('unknown', { name: unknown, known: KNOWN.join(', ') });
      throw no('member', { place, fault }, [problem(`${place}, column ${unknown}`, fault)]);
    }
    return { place, cells: { ...item } };
  });
}

function checkRow(
  place: string,
  cells: Record<string, unknown>,
  today: string,
  problems: Problem[],
): Reading {
  const say = (column: string, fault: Sentence) =>
    problems.push(problem(`${place}, column ${column}`, fault));
  const got = (v: unknown) => JSON.stringify(v ?? null).slice(0, 40);
  const { from, to, value, note } = cells;
  const none = (v: unknown) => v === undefined || v === null;
  if (typeof to !== 'string' || !isDay(to)) say('to', wrong('day', { example: '2027-03-31', got: got(to) }));
  else if (to > today) say('to', wrong('ahead', { day: to, today }));
  if (!none(from) && (typeof from !== 'string' || !isDay(from)))
    say('from', wrong('day', { example: '2027-03-01', got: got(from) }));
  else if (typeof from === 'string' && typeof to === 'string' && isDay(to) && from > to)
    say('from', wrong('reversed', { from, to }));
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 1e15)
    say('value', wrong('number', { got: got(value) }));
  if (
    !none(note) &&
    (typeof note !== 'string' || note.length > 2000 || note.includes('\u0000') || !note.isWellFormed())
  )
    say('note', wrong('note'));
  return {
    // Where one of them is no such thing, a problem says so, and nothing is stored.
    ...(typeof from === 'string' ? { from } : {}),
    to: typeof to === 'string' ? to : '',
    value: typeof value === 'number' ? value : 0,
    ...(typeof note === 'string' && note !== '' ? { note } : {}),
  };
}

const READING: cell.Cell<Reading> = (v) => {
  const { from, to, value, note } = cell.object(v);
  return {
    ...(typeof from === 'string' ? { from } : {}),
    to: cell.text(to),
    value: cell.number(value),
    ...(typeof note === 'string' ? { note } : {}),
  };
};

/** Every batch that was handed in, from the versions that hold them; those whose values were erased come without rows. */
export async function listReadings(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  before = 2 ** 31 - 1,
  limit = 50,
): Promise<ReadingsPage> {
  demandRead(ask, register);
  const [own] = await app.db.run(ask.actor.organisation, [readStatement(register, ref)]);
  if (!own![0]) throw notThere(register, ref);
  const record = toStored(own![0]);
  const [rows, count] = await app.db.run(ask.actor.organisation, [
    readingsBefore(record.id, before, limit, APPENDED),
    readingsCounted(record.id, APPENDED),
  ]);
  const page = rows!.slice(0, limit);
  return {
    items: page.map((r) => ({
      version: cell.number(r.version),
      recordedAt: iso(r.at),
      by: cell.text(r.actor),
      log: cell.numberOrNull(r.log),
      logIndex: cell.numberOrNull(r.log_index),
      rows: cell.orNull(cell.list(READING))(r.rows) ?? [],
    })),
    total: cell.number(count![0]!.n),
    next: rows!.length > limit ? cell.number(page.at(-1)!.version) : null,
  };
}
