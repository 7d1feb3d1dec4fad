import type { Finding } from '../../../answers/components.ts';
import type { Inspection } from '../../../answers/evidence.ts';
import { Badge, type Tone } from '../../kit/badge.tsx';
import { plural } from '../../kit/format.ts';
import { Scroll } from '../../kit/scroll.tsx';

const TONES: Record<Finding['severity'], Tone> = { refuse: 'bad', flag: 'warn', info: 'plain' };
const WORDS: Record<Finding['severity'], string> = { refuse: 'Refused', flag: 'Look at it', info: 'Note' };

/** Figures counted from the rows of the file, hazards planned against executed, and findings. */
export function InspectionView({ inspection }: { inspection: Inspection }) {
  const { counts, reported, tool } = inspection;
  return (
    <div className="card space-y-3 p-4">
      <p>
        <strong>
          {tool ? `${tool.name} ${tool.version ?? ''}` : (inspection.format ?? 'Unknown format')}
        </strong>
        , run {inspection.status}. Counted again from the rows: {plural(counts.total, 'case')}, {counts.pass}{' '}
        passed, {counts.fail} failed, {counts.error} with an error, {counts.inconclusive} inconclusive,{' '}
        {counts.skipped} skipped.
      </p>
      {reported && (
        <p className="text-muted">
          The file's own summary says {reported.pass} passed, {reported.fail} failed, {reported.error} with an
          error.
        </p>
      )}
      {inspection.hazards.length > 0 && <Hazards hazards={inspection.hazards} />}
      {inspection.findings.length > 0 && (
        <ul className="space-y-1">
          {inspection.findings.map((f) => (
            <li key={`${f.code}${f.location}`} className="flex gap-2">
              <Badge tone={TONES[f.severity]}>{WORDS[f.severity]}</Badge>
              <span className="min-w-0">
                {f.message} {f.location && <span className="mono text-muted">{f.location}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="mono wrap-anywhere text-muted">sha256:{inspection.sha256}</p>
    </div>
  );
}

function Hazards({ hazards }: Pick<Inspection, 'hazards'>) {
  return (
    <Scroll className="overflow-x-auto" label="Hazards in the file">
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Hazard</th>
            <th scope="col" className="num">
              Planned
            </th>
            <th scope="col" className="num">
              Executed
            </th>
            <th scope="col" className="num">
              Failed
            </th>
            <th scope="col">Coverage</th>
          </tr>
        </thead>
        <tbody>
          {hazards.map((h) => (
            <tr key={h.id}>
              <td>{h.id}</td>
              <td className="num">{h.planned ?? 'no plan'}</td>
              <td className="num">{h.executed}</td>
              <td className="num">{h.failed}</td>
              <td>
                {h.executed === 0 ? (
                  <Badge tone="bad">Never run</Badge>
                ) : h.planned !== null && h.executed < h.planned ? (
                  <Badge tone="warn">Partly run</Badge>
                ) : (
                  <span className="text-muted">Run as planned</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
