import { percentile, type Samples } from './sampling.ts';

export type Unit = 'ms' | 'MB' | 'KB' | 'statements' | 'errors' | 'rows/s';

/** One line of the table. Times are the median (p50) and what 95 of 100 calls stay below (p95). */
export interface Row {
  group: string;
  name: string;
  unit: Unit;
  ours: number;
  oursP95?: number;
  /** What `reference` is. */
  against?: string;
  reference?: number;
  referenceP95?: number;
  /** The same statement without transaction or settings. */
  plain?: number;
  ratio?: number;
  budget?: string;
  verdict?: 'ok' | 'over';
}

/** A budget: which number it looks at, and the most it may be. */
export interface Budget {
  of: 'ours' | 'oursP95' | 'ratio';
  most: number;
}

const LABEL: Record<Budget['of'], string> = { ours: '', oursP95: 'p95 ', ratio: 'ratio ' };

/** Adds ratio and verdict. A budgeted number that could not be measured is over: silence never passes for a good result. */
export function judged(row: Row, budget?: Budget): Row {
  const ratio = row.ratio ?? (row.reference ? row.ours / row.reference : undefined);
  const whole: Row = ratio === undefined ? row : { ...row, ratio };
  if (!budget) return whole;
  const value = whole[budget.of];
  const ok = value !== undefined && value <= budget.most;
  return { ...whole, budget: `${LABEL[budget.of]}<= ${budget.most}`, verdict: ok ? 'ok' : 'over' };
}

/** Row of times from the samples of the ways. */
export function timesRow(
  place: { group: string; name: string; against: string },
  s: { ours: Samples; reference: Samples; plain?: Samples },
  budget?: Budget,
): Row {
  return judged(
    {
      ...place,
      unit: 'ms',
      ours: percentile(s.ours, 0.5),
      oursP95: percentile(s.ours, 0.95),
      reference: percentile(s.reference, 0.5),
      referenceP95: percentile(s.reference, 0.95),
      ...(s.plain ? { plain: percentile(s.plain, 0.5) } : {}),
    },
    budget,
  );
}

const HEAD = ['', 'unit', 'ours', 'p95', 'reference', 'p95', 'plain', 'ratio', 'budget', ''];

const short = (n: number | undefined): string =>
  n === undefined
    ? ''
    : n >= 100
      ? n.toFixed(0)
      : n >= 10
        ? n.toFixed(1)
        : Number.isInteger(n)
          ? String(n)
          : n.toFixed(2);

/** The rows as aligned text, a heading for each group with what its reference is. */
export function table(rows: Row[]): string {
  const lines: (string[] | string)[] = [HEAD];
  let group = '';
  for (const r of rows) {
    if (r.group !== group) lines.push(`\n${r.group}${r.against ? ` (reference: ${r.against})` : ''}`);
    group = r.group;
    lines.push([
      `  ${r.name}`,
      r.unit,
      short(r.ours),
      short(r.oursP95),
      short(r.reference),
      short(r.referenceP95),
      short(r.plain),
      r.ratio === undefined ? '' : r.ratio.toFixed(2),
      r.budget ?? '',
      r.verdict ?? '',
    ]);
  }
  const cells = lines.filter((l): l is string[] => typeof l !== 'string');
  const width = HEAD.map((_, i) => Math.max(...cells.map((c) => c[i]!.length)));
  const left = new Set([0, 1, 8, 9]);
  return lines
    .map((l) =>
      typeof l === 'string'
        ? l
        : l
            .map((c, i) => (left.has(i) ? c.padEnd(width[i]!) : c.padStart(width[i]!)))
            .join('  ')
            .trimEnd(),
    )
    .join('\n');
}
