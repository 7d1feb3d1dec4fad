import type { Dashboard } from '../../answers/home.ts';
import { closedTo } from '../../register/closed.ts';
import { recIf, recsOf } from '../../register/rec.ts';
import { STEPS } from '../../register/register.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { countsThenStatement, exportThenStatement } from '../../store/facts/entered.ts';
import { type Count, countsOf, decisionsOfReleases, homeOf, homeStatement } from '../../store/read/home.ts';
import type { App, Asking } from '../context.ts';
import { tellUse, USE_NAMES } from '../release/in-use.ts';
import { mayRead } from '../write/access.ts';
import { readThen, recordsOf, referencesThen } from './as-of.ts';
import { atPoint } from './earlier-state.ts';

/** Counts by step and register, the newest releases with their last gate decision, and the head of the log: one statement. */
export async function readDashboard(app: App, ask: Asking): Promise<Dashboard> {
  const { organisation } = ask.actor;
  const closed = closedTo(app.registry, ask.actor);
  const read = async (known: string) => {
    const [rows] = await app.db.run(organisation, [homeStatement(USE_NAMES, known)]);
    const home = homeOf(rows!);
    return { home, counts: app.counted.settle(organisation, closed, home) };
  };
  const kept = await read(app.counted.marker(organisation, closed));
  // What was kept may have been given up, or replaced by a later reading, while the database was asked.
  const { home, counts } = kept.counts ? kept : await read('');
  return {
    steps: stepsOf(app, ask, [...(counts ?? []), ...home.hidden]),
    releases: home.releases,
    inUse: home.inUse.map(tellUse),
    log: home.log,
  };
}

function stepsOf(app: App, ask: Asking, counts: readonly Count[]): Dashboard['steps'] {
  return STEPS.map((step) => ({
    step,
    registers: app.registry.all
      .filter((r) => r.step === step && mayRead(ask.actor, r))
      .map((r) => {
        const mine = counts.filter((c) => c.register === r.name);
        return {
          name: r.name,
          label: r.label.many,
          count: mine.reduce((sum, c) => sum + c.n, 0),
          byState: byState(mine),
        };
      }),
  }));
}

/** A state may be counted twice: records that are hidden from somebody stand apart. */
function byState(counts: readonly Count[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const c of counts) sums[c.state] = (sums[c.state] ?? 0) + c.n;
  return sums;
}

/** The same as it stood at an earlier point; releases, systems and verdicts are checked against the log. */
export async function readDashboardThen(app: App, ask: Asking, asOf: string): Promise<Dashboard> {
  return atPoint(app, ask.actor.organisation, asOf, async (query, point) => {
    const counts = await query(countsThenStatement(point));
    const newest = await query(exportThenStatement(registers.release.name, 0, 10, point, true));
    const releases = recsOf(registers.release, [...recordsOf(app.registry, newest).values()]).sort(
      (a, b) => b.number - a.number,
    );
    // A decision of the gate is made once, with its link, and never changes: only whether it was there already is asked of the log.
    const judged = await query(decisionsOfReleases(releases.map((r) => r.ref)));
    const decisions = await readThen(
      app,
      query,
      judged.map((j) => cell.text(j.ref)),
      point,
    );
    const systems = await referencesThen(
      app,
      query,
      releases.flatMap((r) => r.links.system ?? []),
      point,
    );
    return {
      asOf: point,
      steps: stepsOf(app, ask, countsOf(counts)),
      releases: releases.map((r) => {
        const last = judged.filter((j) => j.release === r.ref && decisions.has(cell.text(j.ref))).at(-1);
        const decision = last && decisions.get(cell.text(last.ref));
        return {
          ref: r.ref,
          title: r.title,
          state: r.state,
          system: systems[r.links.system?.[0] ?? '']?.title ?? null,
          verdict: recIf(registers.gateDecision, decision)?.values.verdict ?? null,
          decision: decision?.ref ?? null,
        };
      }),
      log: { size: point.size, pending: 0 },
    };
  });
}
