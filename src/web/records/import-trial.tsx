import type { ImportAnswer } from '../../answers/exchange.ts';
import { plural } from '../kit/format.ts';
import { Notice } from '../kit/notice.tsx';
import { RefLink } from '../kit/ref-link.tsx';

/** What an import would do: its faults, or what it would write. */
export function Trial({ trial }: { trial: ImportAnswer }) {
  if (trial.problems.length === 0)
    return (
      <>
        <Notice tone="busy">
          {plural(trial.rows, 'row')}: {trial.created} new, {trial.updated} changed, {trial.unchanged}{' '}
          unchanged. Nothing is written yet.
        </Notice>
        <Doubled trial={trial} />
      </>
    );
  return (
    <Notice tone="bad" title={`${plural(trial.problems.length, 'fault')}. Nothing was written.`}>
      <ul className="mt-1 space-y-0.5">
        {trial.problems.slice(0, 100).map((p) => (
          <li key={`${p.path} ${p.message}`}>
            <strong>{p.path}</strong>: {p.message}
          </li>
        ))}
      </ul>
      {trial.problems.length > 100 && <p>and {trial.problems.length - 100} more</p>}
    </Notice>
  );
}

/** Rows that may be there already: somebody looks before they are imported once more. */
function Doubled({ trial }: { trial: ImportAnswer }) {
  const rows = trial.duplicates ?? [];
  if (rows.length === 0) return null;
  return (
    <Notice
      tone="warn"
      title={`${plural(rows.length + (trial.moreDuplicates ?? 0), 'row')} may be there already`}
    >
      <ul className="mt-1 space-y-0.5">
        {rows.map((d) => (
          <li key={d.place}>
            <strong>{d.place}</strong>: {ALIKE[d.how]}{' '}
            {/^[A-Z]{3}-\d+$/.test(d.like) ? <RefLink to={d.like} /> : d.like}
          </li>
        ))}
      </ul>
      {trial.moreDuplicates !== undefined && <p>and {trial.moreDuplicates} more</p>}
      <p>Take such rows out of the file, or give their number in a column “ref” to change the record.</p>
    </Notice>
  );
}

const ALIKE = { digest: 'the same bytes as', name: 'the same name as', near: 'a name like that of' };
