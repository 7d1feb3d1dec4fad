import type { RaciCell, RaciMatrix, RaciRow } from '../../answers/govern.ts';
import { humanise } from '../../register/describe.ts';
import type { Rec } from '../../register/rec.ts';
import { notThere } from '../../register/said.ts';
import { type Registers, registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { responsibilitiesFor, systemTitle } from '../../store/govern/raci.ts';
import { valuesOf } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { csvText } from '../exchange/csv-table.ts';
import { demandRead } from '../write/access.ts';

/** More rows than this are not one system's. */
const MOST = 2_000;

/**
 * Who is responsible, accountable, consulted and informed, by activity: for one AI system, or for what holds for the whole organisation. Gaps
 * and conflicts are computed; a proposed row that nobody accepted yet counts, and says so.
 */
export async function raciMatrix(app: App, ask: Asking, system: string | undefined): Promise<RaciMatrix> {
  const register = app.registry.of(registers.responsibility);
  demandRead(ask, register);
  const activities = register.fields.activity?.options ?? [];
  const [found, rows] = await app.db.run(ask.actor.organisation, [
    systemTitle(system),
    responsibilitiesFor(MOST, system),
  ]);
  if (system !== undefined && !found![0]) throw notThere(registers.aiSystem, system, '/system');
  const all = rows!.map((r) => ({
    ref: cell.text(r.ref),
    title: cell.text(r.title),
    state: cell.text(r.state),
    person: cell.text(r.person),
    name: cell.text(r.name),
    departed: cell.flag(r.departed),
    evidence: cell.number(r.evidence),
    v: valuesOf(registers.responsibility)(r.v),
  }));
  const cells = all.filter((r) => r.v.kind === 'raci' && r.v.activity && r.v.part);
  const people = new Map(cells.map((c) => [c.person, { ref: c.person, name: c.name, departed: c.departed }]));
  const matrix = activities.map((activity): RaciRow => {
    const mine = cells
      .filter((c) => c.v.activity === activity)
      .map((c) => ({ person: c.person, part: c.v.part!, ref: c.ref, state: c.state, departed: c.departed }));
    return { activity, label: humanise(activity), cells: mine, ...judged(mine) };
  });
  return {
    system: found![0] ? { ref: cell.text(found![0].ref), title: cell.text(found![0].title) } : null,
    people: [...people.values()],
    rows: matrix,
    gaps: matrix.reduce((n, r) => n + r.gaps.length, 0),
    conflicts: matrix.reduce((n, r) => n + r.conflicts.length, 0),
    appointments: all.filter((r) => r.v.kind === 'appointment').map(appointment),
  };
}

function judged(cells: readonly RaciCell[]): Pick<RaciRow, 'gaps' | 'conflicts'> {
  const here = (part: string) => cells.filter((c) => c.part === part && !c.departed);
  const accountable = here('accountable');
  return {
    gaps: [
      ...(accountable.length === 0 ? ['Nobody is accountable'] : []),
      ...(here('responsible').length === 0 ? ['Nobody is responsible'] : []),
    ],
    conflicts: [
      ...(accountable.length > 1 ? [`${accountable.length} people are accountable`] : []),
      ...cells.filter((c) => c.departed).map((c) => `${c.person} has departed (${c.ref})`),
    ],
  };
}

function appointment(r: {
  ref: string;
  title: string;
  person: string;
  name: string;
  state: string;
  evidence: number;
  departed: boolean;
  v: Rec<Registers['responsibility']>['values'];
}): RaciMatrix['appointments'][number] {
  const gap = r.departed
    ? 'The person has departed'
    : r.v.competence && !r.v.competenceShown && r.evidence === 0
      ? 'Nothing shows the competence it needs'
      : !r.v.competence
        ? 'It does not say which competence it needs'
        : undefined;
  return {
    ref: r.ref,
    title: r.title,
    person: r.person,
    name: r.name,
    state: r.state,
    ...(r.v.competence ? { needed: r.v.competence } : {}),
    ...(r.v.competenceShown ? { shown: r.v.competenceShown } : {}),
    evidence: r.evidence,
    ...(gap ? { gap } : {}),
  };
}

/** The matrix as a table: a line an activity, a column a person. */
export function raciCsv(m: RaciMatrix): string {
  const head = ['activity', ...m.people.map((p) => `${p.ref} ${p.name}`), 'gaps', 'conflicts'];
  const lines = m.rows.map((r) => [
    r.label,
    ...m.people.map((p) =>
      r.cells
        .filter((c) => c.person === p.ref)
        .map((c) => c.part.charAt(0).toUpperCase())
        .join(' '),
    ),
    r.gaps.join('; '),
    r.conflicts.join('; '),
  ]);
  return csvText([head, ...lines]);
}
