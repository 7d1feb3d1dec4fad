import { type KeyboardEvent, useRef, useState } from 'react';
import type { RiskMatrix } from '../../../answers/risk.ts';
import { Scroll } from '../../kit/scroll.tsx';

type Level = RiskMatrix['impact'][number];
type Place = { likelihood: number; impact: number };

interface GridProps {
  matrix: RiskMatrix;
  chosen: Place | undefined;
  onChoose: (place: Place) => void;
}

const LINE = '3px solid var(--text)';
const name = (l: Level): string => (l.name ? `${l.level} ${l.name}` : String(l.level));

/** Likelihood upwards, impact to the right. One stop for the Tab key; arrows move within. */
export function Grid({ matrix: m, chosen, onChoose }: GridProps) {
  const rows = [...m.likelihood].reverse();
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState({ row: rows.length - 1, column: 0 });
  const above = (l: number, i: number) => m.appetite !== null && l * i > m.appetite;
  const onKeyDown = (e: KeyboardEvent) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];
    if (!step) return;
    e.preventDefault();
    const row = Math.min(rows.length - 1, Math.max(0, at.row + step[0]!));
    const column = Math.min(m.impact.length - 1, Math.max(0, at.column + step[1]!));
    setAt({ row, column });
    body.current?.querySelector<HTMLElement>(`[data-at="${row} ${column}"]`)?.focus();
  };
  return (
    <Scroll label="Risk matrix" className="overflow-x-auto">
      <table className="border-separate border-spacing-0.5 text-[13px]">
        <caption className="sr-only">Open risks, likelihood upwards and impact to the right</caption>
        <thead>
          <tr>
            <th
              scope="col"
              className="sticky left-0 z-10 max-w-18 bg-bg p-1 text-left text-[11px] font-normal text-muted sm:max-w-none sm:text-[13px]"
            >
              Likelihood, impact
            </th>
            {m.impact.map((i) => (
              <th
                key={i.level}
                scope="col"
                className="w-13 p-0.5 text-center align-bottom text-[10px] font-semibold tracking-tighter hyphens-auto sm:w-24 sm:text-[13px]"
              >
                {name(i)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKeyDown}>
          {rows.map((l, row) => (
            <tr key={l.level}>
              <th
                scope="row"
                className="sticky left-0 z-10 max-w-18 bg-bg p-1 text-left text-[11px] font-semibold sm:max-w-none sm:pr-3 sm:text-[13px] sm:whitespace-nowrap"
              >
                {name(l)}
              </th>
              {m.impact.map((i, column) => {
                const place = { likelihood: l.level, impact: i.level };
                const count =
                  m.cells.find((c) => c.likelihood === l.level && c.impact === i.level)?.count ?? 0;
                const level = l.level * i.level;
                const over = above(l.level, i.level);
                const on = chosen?.likelihood === l.level && chosen.impact === i.level;
                const top = m.acceptAtLevel !== null && level >= m.acceptAtLevel;
                const left = m.impact[column - 1];
                const below = rows[row + 1];
                return (
                  <td key={i.level} className="p-0">
                    <button
                      type="button"
                      data-at={`${row} ${column}`}
                      tabIndex={at.row === row && at.column === column ? 0 : -1}
                      onFocus={() => setAt({ row, column })}
                      onClick={() => onChoose(place)}
                      aria-pressed={on}
                      aria-label={`Likelihood ${name(l)}, impact ${name(i)}, level ${level}${over ? ', above the appetite' : ''}: ${count === 1 ? '1 risk' : `${count} risks`}`}
                      className={`flex h-14 w-13 flex-col sm:w-24 items-center justify-center rounded-sm ${over ? (top ? 'tone-bad' : 'tone-warn') : 'tone-plain'} ${on ? 'outline-2 outline-accent' : ''}`}
                      style={{
                        borderLeft: over && (!left || !above(l.level, left.level)) ? LINE : undefined,
                        borderBottom: over && (!below || !above(below.level, i.level)) ? LINE : undefined,
                      }}
                    >
                      <span className={count > 0 ? 'text-[17px] font-bold' : 'text-[13px]'}>
                        {count > 0 ? count : '·'}
                      </span>
                      <span className="text-[11px]">level {level}</span>
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
