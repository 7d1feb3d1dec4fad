import type { GateCheck, GateResult } from '../../../answers/gate.ts';
import { Badge, type Tone } from '../../kit/badge.tsx';
import { LinkedText } from '../../kit/linked-text.tsx';

const STATUS: Record<GateCheck['status'], { tone: Tone; word: string; rank: number }> = {
  failed: { tone: 'bad', word: 'Failed', rank: 0 },
  missing: { tone: 'warn', word: 'Missing', rank: 1 },
  passed: { tone: 'ok', word: 'Passed', rank: 2 },
  notApplicable: { tone: 'plain', word: 'Not applicable', rank: 3 },
};

/** Every check with its reasons and what to do next; what stops the release comes first. */
export function GateChecks({ gate }: { gate: GateResult }) {
  const checks = [...gate.checks].sort((a, b) => STATUS[a.status].rank - STATUS[b.status].rank);
  return (
    <section aria-labelledby="checks">
      <h2 id="checks" className="mb-2">
        Checks
      </h2>
      <ul className="card divide-y divide-line">
        {checks.map((c) => (
          <li key={c.id} className="gap-4 px-4 py-2.5 sm:flex">
            <div className="w-36 shrink-0">
              <Badge tone={STATUS[c.status].tone}>{STATUS[c.status].word}</Badge>
            </div>
            <div className="min-w-0 flex-1">
              <h3>{c.title}</h3>
              <ul className="list-disc pl-4 marker:text-control">
                {c.reasons.map((r) => (
                  <li key={r.text} className="text-muted">
                    <LinkedText text={r.text} refs={r.records} />
                  </li>
                ))}
              </ul>
              {c.next.length > 0 && (
                <ul className="mt-1 border-l-2 border-accent pl-2.5">
                  {c.next.map((n) => (
                    <li key={n.text}>
                      <span className="font-medium">Next:</span>{' '}
                      <LinkedText text={n.text} refs={n.ref ? [n.ref] : []} />{' '}
                      {n.who && <span className="text-muted">({n.who})</span>}
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </li>
        ))}
      </ul>
      {gate.notChecked.length > 0 && (
        <details className="mt-3">
          <summary className="font-semibold">What this gate did not check ({gate.notChecked.length})</summary>
          <ul className="mt-1 list-disc pl-5 text-muted">
            {gate.notChecked.map((n) => (
              <li key={n.id}>
                <strong>{n.title}</strong>: {n.why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
