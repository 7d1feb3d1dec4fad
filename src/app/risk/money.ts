import { setImmediate } from 'node:timers/promises';
import type { RiskInMoney, RiskPortfolio } from '../../answers/risk.ts';
import { Failure } from '../../base/failure.ts';
import { notThere } from '../../register/said.ts';
import { registers } from '../../registers/index.ts';
import { Portfolio, quantify, rangesOf } from '../../risk/quantify.ts';
import { readManyStatement, type Stored, toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import { type OpenRisks, readOpenRisks } from './load.ts';

/** So many risks are simulated together; more would keep the server from its other work. */
const MOST = 300;
const LOOKED_AT = 5000;
const NAMED = 50;

const NEEDED = ['frequencyLow', 'frequencyHigh', 'lossLow', 'lossHigh', 'currency'] as const;

/** One risk in money; `result` is null while an estimate is missing. */
export async function readQuantified(app: App, ask: Asking, ref: string): Promise<RiskInMoney> {
  const register = app.registry.of(registers.risk);
  demandRead(ask, register);
  const [rows] = await app.db.run(ask.actor.organisation, [readManyStatement([ref])]);
  const risk = rows!.map(toStored).find((r) => r.register === registers.risk.name);
  if (!risk) throw notThere(registers.risk, ref);
  const ranges = rangesOf(risk.values);
  const missing = NEEDED.filter((f) => risk.values[f] === undefined);
  return {
    ref,
    title: risk.title,
    ranges: ranges ?? null,
    currency: currencyOf(risk),
    missing: missing.map((f) => register.fields[f]!.label),
    result: ranges && missing.length === 0 ? quantify(ranges, risk.number) : null,
  };
}

const currencyOf = (r: Pick<Stored, 'values'>): string | null =>
  typeof r.values.currency === 'string' ? r.values.currency : null;

/** The open risks of one system or of all, to be put in money. */
export const readEstimated = (app: App, ask: Asking, system: string | undefined): Promise<OpenRisks> =>
  readOpenRisks(app, ask, system, LOOKED_AT);

/** Open risks in money, as if independent of each other. Takes a while: nothing may wait for it. */
export async function inMoney({
  risks,
  system,
  more,
  asOf,
  erased,
}: OpenRisks & Pick<RiskPortfolio, 'asOf' | 'erased'>): Promise<RiskPortfolio> {
  const estimated = risks.flatMap((risk) => {
    const ranges = rangesOf(risk.values);
    const currency = currencyOf(risk);
    return ranges && currency ? [{ risk, ranges, currency }] : [];
  });
  if (more || estimated.length > MOST)
    throw new Failure(
      'TOO_LARGE',
      `${estimated.length} risks have estimates; at most ${MOST} are computed together. Ask for one AI system: ?system=SYS-0001.`,
      [{ path: '/system', message: 'is needed for so many risks' }],
    );
  const currencies: RiskPortfolio['currencies'][number][] = [];
  for (const currency of [...new Set(estimated.map((e) => e.currency))].sort()) {
    const mine = estimated.filter((e) => e.currency === currency);
    const portfolio = new Portfolio();
    // In the order of their numbers: sums of floating point depend on it.
    for (const { risk, ranges } of mine) {
      portfolio.add(ranges, risk.number);
      // Others are answered between two risks.
      await setImmediate();
    }
    currencies.push({
      currency,
      risks: mine
        .map(({ risk }) => ({
          ref: risk.ref,
          title: risk.title,
          expected: Number(risk.derived.expectedLoss ?? 0),
        }))
        .sort((a, b) => b.expected - a.expected),
      result: portfolio.result(),
    });
  }
  const rest = risks.filter((r) => !estimated.some((e) => e.risk.ref === r.ref));
  return {
    system,
    currencies,
    notQuantified: {
      count: rest.length,
      risks: rest.slice(0, NAMED).map(({ ref, title }) => ({ ref, title })),
    },
    ...(asOf ? { asOf, erased } : {}),
  };
}
