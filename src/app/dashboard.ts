import { STEPS } from '../register/register.ts';
import { countsThenStatement, exportThenStatement } from '../store/asOf.ts';
import type { Row } from '../store/database.ts';
import { type Point, readThen, recordsOf, referencesThen } from './asOf.ts';
import { atPoint } from './asOfQuery.ts';
import type { App, Asking } from './context.ts';
import { GATE_DECISION, RELEASE } from './names.ts';

export interface Dashboard {
  steps: {
    step: string;
    registers: { name: string; label: string; count: number; byState: Record<string, number> }[];
  }[];
  releases: {
    ref: string;
    title: string;
    state: string;
    system: string | null;
    verdict: string | null;
    decision: string | null;
  }[];
  log: { size: number; pending: number };
}

/** Counts by step and register, and the newest releases with their last gate decision. */
export async function readDashboard(app: App, ask: Asking): Promise<Dashboard> {
  const [counts, releases, log] = await app.db.run(ask.actor.organisation, [
    {
      text: `select register, state, count(*)::int as n from record where organisation = (select present_organisation())
        group by register, state`,
      name: 'dashboard-counts',
    },
    {
      text: `select r.ref, r.title, r.state,
          (select o.title from link l join record o on o.organisation = l.organisation and o.id = l.to_id
            where l.organisation = r.organisation and l.from_id = r.id and l.name = 'system' limit 1) as system, g.verdict, g.ref as decision
        from record r left join lateral (select d."values"->>'verdict' as verdict, d.ref from link k
            join record d on d.organisation = k.organisation and d.id = k.from_id
            where k.organisation = r.organisation and k.to_id = r.id and k.from_register = $2 and k.name = 'release' order by d.number desc limit 1) g on true
        where r.organisation = (select present_organisation()) and r.register = $1 order by r.number desc limit 10`,
      values: [RELEASE, GATE_DECISION],
      name: 'dashboard-releases',
    },
    {
      text: `select size, (select count(*)::int from outbox o where o.organisation = log.organisation) as pending from log
        where organisation = (select present_organisation())`,
      name: 'dashboard-log',
    },
  ]);
  return {
    steps: stepsOf(app, counts!),
    releases: releases!.map((r) => ({
      ref: r.ref as string,
      title: r.title as string,
      state: r.state as string,
      system: r.system as string | null,
      verdict: r.verdict as string | null,
      decision: r.decision as string | null,
    })),
    log: {
      size: (log![0]?.size as number | undefined) ?? 0,
      pending: (log![0]?.pending as number | undefined) ?? 0,
    },
  };
}

function stepsOf(app: App, counts: Row[]): Dashboard['steps'] {
  return STEPS.map((step) => ({
    step,
    registers: app.registry.all
      .filter((r) => r.step === step)
      .map((r) => {
        const mine = counts.filter((c) => c.register === r.name);
        return {
          name: r.name,
          label: r.label.many,
          count: mine.reduce((sum, c) => sum + (c.n as number), 0),
          byState: Object.fromEntries(mine.map((c) => [c.state as string, c.n as number])),
        };
      }),
  }));
}

/** The same as it stood at an earlier point; releases, systems and verdicts are checked against the log. */
export async function readDashboardThen(
  app: App,
  ask: Asking,
  asOf: string,
): Promise<Dashboard & { asOf: Point }> {
  return atPoint(app, ask, asOf, async (query, point) => {
    const counts = await query(countsThenStatement(point));
    const newest = await query(exportThenStatement(RELEASE, 0, 10, point, true));
    const releases = [...recordsOf(app.registry, newest).values()].sort((a, b) => b.number - a.number);
    // A decision of the gate is made once, with its link, and never changes: only whether it was there already is asked of the log.
    const judged = await query({
      text: `select o.ref as release, d.ref from link k join record d on d.organisation = k.organisation and d.id = k.from_id
          join record o on o.organisation = k.organisation and o.id = k.to_id
        where k.organisation = (select present_organisation()) and k.name = 'release' and k.from_register = $1 and o.ref = any($2)
        order by d.number`,
      values: [GATE_DECISION, releases.map((r) => r.ref)],
    });
    const decisions = await readThen(
      app,
      query,
      judged.map((j) => j.ref as string),
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
      steps: stepsOf(app, counts),
      releases: releases.map((r) => {
        const last = judged.filter((j) => j.release === r.ref && decisions.has(j.ref as string)).at(-1);
        const decision = last && decisions.get(last.ref as string);
        return {
          ref: r.ref,
          title: r.title,
          state: r.state,
          system: systems[r.links.system?.[0] ?? '']?.title ?? null,
          verdict: (decision?.values.verdict as string | undefined) ?? null,
          decision: decision?.ref ?? null,
        };
      }),
      log: { size: point.size, pending: 0 },
    };
  });
}
