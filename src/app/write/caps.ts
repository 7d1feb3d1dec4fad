import { criteriaInForce } from '../../authority/criteria.ts';
import { latestDayOf, monthsAfter } from '../../base/day.ts';
import { problem } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';
import { catalogue, worded } from '../../base/sentence.ts';
import { humanise } from '../../register/describe.ts';
import { registers } from '../../registers/index.ts';
import { monthsAllowed } from '../../registers/intervals.ts';
import { newestCriteria } from '../../store/authority/newest.ts';
import { toRec } from '../../store/records/records.ts';
import { isAsked } from './asked.ts';
import { type Guarded, once } from './rule.ts';

const no = failures('caps', {
  later: [
    'INVALID',
    '{what}: {day}: {got} is later than {last}. {interval}: {months, plural, one {{months} month} other {{months} months}} after {from} at most, {source}. Give {last} or an earlier day.',
  ],
});

const say = catalogue('caps.said', {
  until: 'Until',
  criteria: 'as {criteria} says',
  ours: 'by our default, as no criteria in force say',
  last: 'must be {last} or earlier: {interval}, {months, plural, one {{months} month} other {{months} months}}, {source}',
});

/** A day that an interval of the criteria caps, counted from another. */
interface Capped {
  name: string;
  got: string;
  cap: string;
  from: string;
}

/**
 * What is looked at again, or ends, does so within the interval that the criteria in force allow; ours where they say nothing. Asked when such a day
 * is said, and by steps that require it: what was stored before stands in the way of nothing else.
 */
export async function demandWithinCaps(g: Guarded): Promise<void> {
  const { app, ask, register, before, transition, besides } = g;
  for (const { name, got, cap, from } of cappedIn(g)) {
    const allowed = async () => {
      const [rows] = await app.db.run(ask.actor.organisation, [newestCriteria(registers.criteria.name)]);
      const inForce = criteriaInForce(rows!.map(toRec(registers.criteria))[0]);
      const { months, ours } = monthsAllowed(inForce?.values.intervals, cap);
      const last = Number.isFinite(months) ? monthsAfter(from, months) : '9999-12-31';
      return { months, last, source: inForce && !ours ? inForce.ref : undefined };
    };
    if (await once(besides, `${cap} ${from} ${got}`, async () => got <= (await allowed()).last)) continue;
    const { months, last, source } = await allowed();
    const day =
      name === 'until'
        ? say('until')
        : worded(`register.${register.name}.field.${name}`, register.fields[name]!.label);
    const params = {
      interval: worded(`criteria.${cap}`, humanise(cap)),
      months,
      last,
      source: source ? say('criteria', { criteria: source }) : say('ours'),
    };
    throw no('later', { what: before?.ref ?? register.label.one, day, got, from, ...params }, [
      problem(transition && name !== 'until' ? `/values/${name}` : `/${name}`, say('last', params)),
    ]);
  }
}

function cappedIn(g: Guarded): Capped[] {
  const { app, register, contents, transition, until } = g;
  const today = latestDayOf(app.clock.now());
  const days = Object.entries(register.fields).flatMap(([name, { claim }]): Capped[] => {
    const got = contents.values[name];
    if (claim?.is !== 'review' || typeof got !== 'string') return [];
    const since = claim.from === undefined ? undefined : contents.values[claim.from];
    if (!isAsked(g, claim.from === undefined ? [name] : [name, claim.from])) return [];
    return [{ name, got, cap: claim.cap, from: typeof since === 'string' ? since : today }];
  });
  const cap = register.transitions[transition ?? '']?.until?.cap;
  return cap === undefined || until === undefined
    ? days
    : [...days, { name: 'until', got: until, cap, from: today }];
}
