import { STEPS } from '../register/register.ts';
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
            join record d on d.organisation = k.organisation and d.id = k.from_id and d.register = $2
            where k.organisation = r.organisation and k.to_id = r.id and k.name = 'release' order by d.number desc limit 1) g on true
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
    steps: STEPS.map((step) => ({
      step,
      registers: app.registry.all
        .filter((r) => r.step === step)
        .map((r) => {
          const mine = counts!.filter((c) => c.register === r.name);
          return {
            name: r.name,
            label: r.label.many,
            count: mine.reduce((sum, c) => sum + (c.n as number), 0),
            byState: Object.fromEntries(mine.map((c) => [c.state as string, c.n as number])),
          };
        }),
    })),
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
