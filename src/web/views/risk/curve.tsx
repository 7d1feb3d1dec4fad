import { useId } from 'react';
import type { Quantified } from '../../../answers/risk.ts';
import { Scroll } from '../../kit/scroll.tsx';

export const money = (amount: number, currency: string | null): string =>
  `${amount.toLocaleString('en', { maximumFractionDigits: amount < 100 ? 2 : 0 })} ${currency ?? ''}`.trim();

export const percentText = (share: number): string => `${Math.round(share * 1000) / 10} %`;

const WIDTH = 560;
const HEIGHT = 260;
const EDGE = { left: 46, right: 14, top: 12, bottom: 40 };

/** Figures and loss exceedance curve: the picture, and the same as a table. */
export function Figures({ result: q, currency }: { result: Quantified; currency: string | null }) {
  const facts = [
    { label: 'Expected loss a year (closed form)', value: money(q.expected, currency) },
    { label: `Mean of ${q.years.toLocaleString('en')} simulated years`, value: money(q.mean, currency) },
    ...q.percentiles.map((p) => ({
      label: `${p.percentile} % of years stay at or below`,
      value: money(p.loss, currency),
    })),
    ...q.worst.map((w) => ({
      label: `Mean of the worst ${w.share * 100} % of years`,
      value: money(w.mean, currency),
    })),
    { label: 'Years with any loss', value: percentText(q.anyLoss) },
  ];
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_350px]">
      <div className="card min-w-0 p-3">
        <Curve result={q} currency={currency} />
        <details className="mt-2">
          <summary>The curve as a table</summary>
          <Scroll label="Loss exceedance table" className="max-h-72 overflow-auto">
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col" className="num">
                    Probability in a year
                  </th>
                  <th scope="col" className="num">
                    Loss is above
                  </th>
                </tr>
              </thead>
              <tbody>
                {q.curve.map((p) => (
                  <tr key={p.probability}>
                    <td className="num">{percentText(p.probability)}</td>
                    <td className="num">{money(p.loss, currency)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </details>
      </div>
      <dl className="card self-start px-4 py-2">
        {facts.map((f) => (
          <div key={f.label} className="flex justify-between gap-3 border-b border-line py-1.5 last:border-0">
            <dt className="text-muted">{f.label}</dt>
            <dd className="text-right font-semibold whitespace-nowrap tabular-nums">{f.value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Powers of ten between two losses. */
function decades(low: number, high: number): number[] {
  const all: number[] = [];
  for (let e = Math.ceil(Math.log10(low)); e <= Math.log10(high); e++) all.push(10 ** e);
  return all;
}

const compact = (n: number): string =>
  n.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 });

function Curve({ result: q, currency }: { result: Quantified; currency: string | null }) {
  const id = useId();
  const points = q.curve.filter((p) => p.loss > 0);
  if (points.length < 2)
    return <p className="text-muted">Losses are too rare for a curve; the table has the figures.</p>;
  const low = points[0]!.loss;
  const high = Math.max(points.at(-1)!.loss, low * 10);
  const x = (loss: number) =>
    EDGE.left +
    ((Math.log10(loss) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))) *
      (WIDTH - EDGE.left - EDGE.right);
  const y = (p: number) => EDGE.top + (1 - p) * (HEIGHT - EDGE.top - EDGE.bottom);
  const p95 = q.percentiles.find((p) => p.percentile === 95)!;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-labelledby={`${id}t ${id}d`}
      className="h-auto w-full text-[11px]"
    >
      <title id={`${id}t`}>Loss exceedance curve</title>
      <desc id={`${id}d`}>
        With 5 % probability a year's loss is above {money(p95.loss, currency)}. The table below has every
        point.
      </desc>
      {[0, 0.25, 0.5, 0.75, 1].map((p) => (
        <g key={p}>
          <line x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(p)} y2={y(p)} stroke="var(--line)" />
          <text x={EDGE.left - 6} y={y(p) + 4} textAnchor="end" fill="var(--muted)">
            {p * 100} %
          </text>
        </g>
      ))}
      {decades(low, high).map((d) => (
        <g key={d}>
          <line x1={x(d)} x2={x(d)} y1={EDGE.top} y2={HEIGHT - EDGE.bottom} stroke="var(--line)" />
          <text x={x(d)} y={HEIGHT - EDGE.bottom + 15} textAnchor="middle" fill="var(--muted)">
            {compact(d)}
          </text>
        </g>
      ))}
      <text x={(EDGE.left + WIDTH) / 2} y={HEIGHT - 6} textAnchor="middle" fill="var(--muted)">
        Loss in a year{currency ? `, ${currency}` : ''} (each line ten times the one before)
      </text>
      <polyline
        points={points.map((p) => `${x(p.loss)},${y(p.probability)}`).join(' ')}
        fill="none"
        stroke="var(--accent)"
        strokeWidth={2.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}
