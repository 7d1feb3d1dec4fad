import { earliestDayOf, latestDayOf } from '../../base/day.ts';
import { type Problem, problem } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue, type Sentence, worded } from '../../base/sentence.ts';
import { originOf } from '../../register/claim.ts';
import type { Field } from '../../register/field.ts';
import * as cell from '../../store/db/cells.ts';
import { thereSince } from '../../store/records/linked.ts';
import { isAsked } from './asked.ts';
import type { Guarded } from './rule.ts';

const no = failures('claims', {
  future: ['INVALID', '{what}: {day}: {got} has not come yet. Record it once it has happened.'],
  beforeDay: ['INVALID', '{what}: {day}: {got} is before "{other}", {first}. Correct whichever is wrong.'],
  beforeRecord: [
    'INVALID',
    '{what}: {day}: {got} is before {ref}, which has been here since {first}. Give that day or a later one.',
  ],
});

const wrong = catalogue('claims.wrong', {
  future: 'must not be in the future',
  from: 'must be {first} or later',
});

/**
 * What is said to have happened has happened, after what it belongs to was there; what ends does not end before it began. Asked when a day changes or
 * what it is held against, and by steps that require the day. Days are those of people anywhere on Earth: nobody is refused for their time zone.
 */
export async function demandTrueClaims(g: Guarded): Promise<void> {
  for (const [name, field] of Object.entries(g.register.fields)) {
    const got = g.contents.values[name];
    if (typeof got !== 'string' || field.engine) continue;
    const { claim } = field;
    if (claim?.is === 'happened') {
      const since = claim.since ?? [];
      if (!isAsked(g, [name, ...since])) continue;
      if (isAhead(g, field, got)) throw said(g, name, got, { future: true });
      for (const other of since) {
        if (g.register.links[other]) await demandAfterRecords(g, name, got, other);
        else demandAfterDay(g, name, got, other);
      }
    } else if (claim?.is === 'ends' && claim.from && isAsked(g, [name, claim.from]))
      demandAfterDay(g, name, got, claim.from);
  }
}

/** Clocks of people differ from the server's: a moment so far ahead (ms) is now. */
const CLOCKS_DIFFER = 5 * 60_000;

const isAhead = ({ app }: Guarded, field: Field, got: string): boolean => {
  const now = app.clock.now();
  return field.kind === 'moment' ? Date.parse(got) > now.getTime() + CLOCKS_DIFFER : got > latestDayOf(now);
};

function demandAfterDay(g: Guarded, name: string, got: string, other: string): void {
  const first = g.contents.values[other];
  if (typeof first === 'string' && got < first) throw said(g, name, got, { other, first });
}

async function demandAfterRecords(g: Guarded, name: string, got: string, link: string): Promise<void> {
  const { app, ask, register, contents } = g;
  const refs = contents.links[link] ?? [];
  if (refs.length === 0) return;
  const to = app.registry.get(register.links[link]!.to);
  const origin = originOf(to);
  const [rows] = await app.db.run(ask.actor.organisation, [thereSince(to.name, refs, origin)]);
  for (const row of rows!) {
    const named = row.origin === null ? undefined : cell.text(row.origin);
    const created = earliestDayOf(new Date(cell.text(row.created)));
    // What it names lies before its entry; a day that it names later is one that nobody has said yet.
    const first = named !== undefined && named.slice(0, 10) < created ? named.slice(0, 10) : created;
    if (got.slice(0, 10) < first) throw said(g, name, got, { ref: cell.text(row.ref), first });
  }
}

function said(
  g: Guarded,
  name: string,
  got: string,
  o: { future: true } | { other: string; first: string } | { ref: string; first: string },
) {
  const { register, before, transition } = g;
  const label = (n: string): Sentence =>
    worded(`register.${register.name}.field.${n}`, register.fields[n]!.label);
  const params = { what: before?.ref ?? register.label.one, day: label(name), got };
  const at = (s: Sentence): Problem[] => [problem(transition ? `/values/${name}` : `/${name}`, s)];
  if ('future' in o) return no('future', params, at(wrong('future')));
  const { first } = o;
  const problems = at(wrong('from', { first }));
  if ('ref' in o) return no('beforeRecord', { ...params, ref: o.ref, first }, problems);
  return no('beforeDay', { ...params, other: label(o.other), first }, problems);
}
