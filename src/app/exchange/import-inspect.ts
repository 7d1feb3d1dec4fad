import type { InspectedColumn } from '../../answers/exchange.ts';
import type { Draft } from '../../answers/shape.ts';
import { member } from '../../base/member.ts';
import { formatOf, type ImportFormat } from '../../intake/grid.ts';
import type { Register } from '../../register/register.ts';
import { type Cell, momentOf } from '../../sheet/cell.ts';
import { type App, type Asking, arrivalOf } from '../context.ts';
import { headingsOf, targetsOf } from './import-columns.ts';
import { type ColumnPlan, nearTargets } from './import-rows.ts';
import { demandImport } from './transfer.ts';

/** Looks into a file and proposes what its columns are. Nothing is stored, and no row is checked. */
export async function inspectImport(
  app: App,
  ask: Asking,
  register: Register,
  body: Buffer,
  o: { format?: ImportFormat; sheet?: string },
) {
  demandImport(ask, register);
  const format = formatOf(body, o.format);
  const file = await app.intake.read('grid', arrivalOf(ask, body), { format, sheet: o.sheet });
  const head =
    file.format === 'json'
      ? [...new Set(file.rows.slice(0, 1_000).flatMap((r) => Object.keys(r.item)))]
      : file.head;
  const samplesOf = (column: number): string[] =>
    file.format === 'json'
      ? file.rows
          .slice(0, 200)
          .flatMap((r) => shown(JSON.stringify(member(r.item, head[column]!) ?? null)))
          .slice(0, 3)
      : file.rows
          .slice(0, 200)
          .flatMap((r) => shown(cellText(r.cells[column] ?? null)))
          .slice(0, 3);
  const plans = uniquePlans(register, head);
  const taken = new Set(plans.flatMap((p) => p.to ?? []));
  const targets = targetsOf(register);
  const columns = plans
    .map(
      (p): Draft<InspectedColumn> => ({
        heading: p.heading,
        to: p.to,
        how: p.how as InspectedColumn['how'],
        near: [],
        samples: samplesOf(p.column),
      }),
    )
    .filter((c) => c.heading !== '' || c.samples.length > 0);
  const near = nearTargets(register, targets);
  for (const c of columns) {
    if (c.to !== null || c.how === 'shown' || c.heading === '') continue;
    c.near = near(c.heading, (t) => !taken.has(t.name)).slice(0, 4);
    if (c.near[0] === undefined) continue;
    c.to = c.near[0];
    c.how = 'near';
    taken.add(c.to);
  }
  return {
    format,
    rows: file.rows.length,
    ...(file.format === 'xlsx'
      ? {
          sheet: file.sheet,
          sheets: file.sheets,
          formulas: file.formulas.map((i) => head[i] || `column ${i + 1}`),
        }
      : {}),
    columns,
    mapping: Object.fromEntries(
      columns.filter((c) => c.heading !== '' && c.how !== 'shown').map((c) => [c.heading, c.to]),
    ),
    missing: targets.filter((t) => t.required && !taken.has(t.name)).map((t) => t.name),
    targets,
  };
}

/** A heading that stands twice is proposed once: the second is for the person to name. */
function uniquePlans(register: Register, head: readonly string[]): ColumnPlan[] {
  const means = headingsOf(register);
  const seen = new Set<string>();
  return head.map((heading, column) => {
    const meaning = means(heading);
    const found = meaning?.to ?? null;
    const to = found !== null && seen.has(found) ? null : found;
    if (to !== null) seen.add(to);
    const how = meaning?.how ?? null;
    return { column, heading, to, how: to === null && how !== 'shown' ? null : how };
  });
}

const shown = (text: string): string[] => (text === '' || text === 'null' ? [] : [text.slice(0, 60)]);

const cellText = (cell: Cell): string =>
  cell === null
    ? ''
    : typeof cell !== 'object'
      ? String(cell)
      : 'fault' in cell
        ? ''
        : (momentOf(cell.serial) ?? String(cell.serial)).replace('T00:00:00.000Z', '');
