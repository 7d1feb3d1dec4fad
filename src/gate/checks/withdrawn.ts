import { rowsOf } from '../../register/rec.ts';
import type { Checking } from '../checking.ts';
import { besidesHazards, requirementsOf, type Tally, tally } from '../coverage.ts';
import type { GateInput, Of } from '../neighbourhood.ts';
import { dayOf, listed, named, nameOf, numberOf, plural, textOf } from '../reading.ts';
import { fileOf, type WeighedRun, withdrawnRuns } from '../runs.ts';

/**
 * Withdrawn evidence counts for nothing, and is told for as long as the release has the content it was run on. Where it had failed, that is not
 * known any more rather than good again: the same cases must be tested anew, in runs that began after the withdrawal and with at least as many
 * cases. Otherwise a failure could be withdrawn beside a better run that was chosen for it.
 */
export function checkWithdrawn(c: Checking, input: GateInput, counted: readonly WeighedRun[]): void {
  for (const w of withdrawnRuns(input)) {
    const lost = w.foreign === undefined ? notPassedIn(input, w.run) : [];
    const file = fileOf(input, w.run);
    const records = [w.run.ref, ...(file ? [file.ref] : [])];
    const told = `Withdrawn evidence: ${named(w.run)}${file ? `, counted from ${file.ref},` : ''} was withdrawn by ${nameOf(input, w.by)} on ${dayOf(w.at)}`;
    if (lost.length === 0) {
      const why = w.foreign ? `It ${w.foreign}` : 'No case of it had failed';
      c.good(`${told}; it counts for nothing. ${why}.`, records);
      continue;
    }
    const since = counted
      .filter((r) => Date.parse(textOf(r.run, 'startedAt') ?? '') > Date.parse(w.at))
      .map((r) => r.run);
    const what = listed(lost.map((l) => `${l.what} ${l.figures}`));
    const open = lost.filter((l) => since.reduce((n, run) => n + l.casesIn(run), 0) < l.needed);
    if (open.length === 0) {
      const anew = since.map((r) => r.ref);
      c.good(`${told}; in it ${what}. The same was tested anew since, in ${listed(anew)}.`, [
        ...records,
        ...anew,
      ]);
      continue;
    }
    const again = listed(open.map((l) => `${l.what} (${plural(l.needed, 'case')})`));
    c.unknown(
      `${told}; in it ${what}. What failed and was withdrawn is not known to be right: ${again} must be tested anew, in runs that begin after the withdrawal and have at least as many cases.`,
      records,
      { text: `Test ${input.release.ref} anew for ${again} and add the result`, ref: input.release.ref },
    );
  }
}

/** What did not pass in a run, and how many cases of the same another run has. */
interface NotPassed {
  readonly what: string;
  readonly figures: string;
  /** Fewest cases with a verdict that say it anew. */
  readonly needed: number;
  casesIn(run: Of<'testRun'>): number;
}

const bad = (t: Tally): boolean => t.failed + t.without > 0;

/** `3 of 12 failed, 2 gave no verdict` */
const figuresOf = (t: Tally): string =>
  [
    ...(t.failed > 0 ? [`${t.failed} of ${t.judged} failed`] : []),
    ...(t.without > 0 ? [`${t.without} gave no verdict`] : []),
  ].join(', ');

/** Cases without a verdict too: withdrawing them would make what is left look complete. */
function notPassedIn(input: GateInput, run: Of<'testRun'>): NotPassed[] {
  const plan = input.plan?.fixedAt === undefined ? undefined : input.plan;
  const planned = requirementsOf(plan, input.hazards);
  const byHazard = new Map(
    rowsOf(run, 'hazards').map((h): [string, ReadonlySet<string>] => {
      const id = String(h.id).trim().toLowerCase();
      const r = planned.find((p) => p.ids.has(id));
      return r ? [r.hazard, r.ids] : [String(h.id), new Set([id])];
    }),
  );
  const out = [...byHazard].flatMap(([what, ids]): NotPassed[] => {
    const was = tally(run, ids);
    const needed = was.judged + was.without;
    return bad(was) ? [{ what, figures: figuresOf(was), needed, casesIn: (r) => tally(r, ids).judged }] : [];
  });
  const rest = besidesHazards(run);
  // Cases that belong to no hazard have no name to be found by again: the new run is as large as the withdrawn one.
  if (bad(rest)) {
    const sum = (r: Of<'testRun'>, names: readonly ('pass' | 'fail' | 'error' | 'inconclusive')[]) =>
      names.reduce((n, x) => n + (numberOf(r, x) ?? 0), 0);
    out.push({
      what: 'cases outside the hazards',
      figures: figuresOf(rest),
      needed: sum(run, ['pass', 'fail', 'error', 'inconclusive']),
      casesIn: (r) => sum(r, ['pass', 'fail']),
    });
  }
  return out;
}
