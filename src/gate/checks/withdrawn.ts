import type { Sentence } from '../../base/sentence.ts';
import { rowsOf } from '../../register/rec.ts';
import type { Checking } from '../checking.ts';
import { besidesHazards, requirementsOf, type Tally, tally } from '../coverage.ts';
import { dayOf, named, nameOf, numberOf, textOf } from '../reading.ts';
import { fileOf, type WeighedRun, withdrawnRuns } from '../runs.ts';
import type { GateInput, Of } from '../surroundings.ts';
import { say } from '../words/withdrawn.ts';

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
    const was = { run: named(w.run), person: nameOf(input, w.by), day: dayOf(w.at) };
    const withdrawn = file ? say('wasOfFile', { ...was, file: file.ref }) : say('was', was);
    if (lost.length === 0) {
      c.good(
        w.foreign ? say('elsewhere', { withdrawn, why: w.foreign }) : say('nothingFailed', { withdrawn }),
        records,
      );
      continue;
    }
    const since = counted
      .filter((r) => Date.parse(textOf(r.run, 'startedAt') ?? '') > Date.parse(w.at))
      .map((r) => r.run);
    const what = lost.map((l) => l.figures);
    const open = lost.filter((l) => since.reduce((n, run) => n + l.casesIn(run), 0) < l.needed);
    if (open.length === 0) {
      const anew = since.map((r) => r.ref);
      c.good(say('testedAnew', { withdrawn, what, runs: anew }), [...records, ...anew]);
      continue;
    }
    const again = open.map((l) => say('again', { what: l.what, cases: l.needed }));
    c.unknown(say('notKnown', { withdrawn, what, again }), records, {
      ...say('testAnew', { release: input.release.ref, again }),
      ref: input.release.ref,
    });
  }
}

/** What did not pass in a run, and how many cases of the same another run has. */
interface NotPassed {
  readonly what: string | Sentence;
  readonly figures: Sentence;
  /** Fewest cases with a verdict that say it anew. */
  readonly needed: number;
  casesIn(run: Of<'testRun'>): number;
}

const bad = (t: Tally): boolean => t.failed + t.without > 0;

/** `injection 3 of 12 failed, 2 gave no verdict` */
function figuresOf(what: string | Sentence, { failed, judged, without }: Tally): Sentence {
  if (failed === 0) return say('without', { what, without });
  return without === 0
    ? say('failed', { what, failed, judged })
    : say('failedAndWithout', { what, failed, judged, without });
}

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
    return bad(was)
      ? [{ what, figures: figuresOf(what, was), needed, casesIn: (r) => tally(r, ids).judged }]
      : [];
  });
  const rest = besidesHazards(run);
  // Cases that belong to no hazard have no name to be found by again: the new run is as large as the withdrawn one.
  if (bad(rest)) {
    const sum = (r: Of<'testRun'>, names: readonly ('pass' | 'fail' | 'error' | 'inconclusive')[]) =>
      names.reduce((n, x) => n + (numberOf(r, x) ?? 0), 0);
    out.push({
      what: say('outside'),
      figures: figuresOf(say('outside'), rest),
      needed: sum(run, ['pass', 'fail', 'error', 'inconclusive']),
      casesIn: (r) => sum(r, ['pass', 'fail']),
    });
  }
  return out;
}
