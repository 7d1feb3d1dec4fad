import type { RecordView, References } from '../../answers/record.ts';
import type { ColumnMeta, RegisterMeta } from '../../register/describe.ts';
import { isNumeric, kindOf } from '../kinds/index.ts';
import { Badge, StateBadge } from '../kit/badge.tsx';
import { RefLink } from '../kit/ref-link.tsx';
import { EnteredLater } from './entered-later.tsx';

/** A computed value: whatever it is, in words. */
export function derivedText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 4 }) : String(value);
}

/** Numbers stand under numbers. Derived values are aligned by what the record holds. */
export const alignsRight = (column: ColumnMeta, sample?: RecordView): boolean =>
  isNumeric(column.kind) || (column.kind === 'derived' && typeof sample?.derived[column.name] === 'number');

/** Says when a state does not stand on a decision any more; a decision that counts needs no word. */
export function StandingBadge({ standing }: { standing?: RecordView['standing'] }) {
  if (standing === 'stale') return <Badge tone="warn">Stale</Badge>;
  return standing === 'ended' ? <Badge tone="warn">Ended</Badge> : null;
}

interface ColumnCellProps {
  column: ColumnMeta;
  record: RecordView;
  register: RegisterMeta;
  references?: References;
}

/** What stands in one column of one record. */
export function ColumnCell({ column, record, register, references }: ColumnCellProps) {
  if (column.kind === 'state')
    return (
      <span className="flex items-center gap-1.5 whitespace-nowrap">
        <StateBadge state={record.state} standing={record.standing} />
        <StandingBadge standing={record.standing} />
      </span>
    );
  if (column.kind === 'derived') return <span>{derivedText(record.derived[column.name])}</span>;
  if (column.kind === 'link') {
    const refs = record.links[column.name] ?? [];
    return (
      <span className="flex max-w-64 flex-col">
        {refs.slice(0, 2).map((ref) => (
          <span key={ref} className="truncate" title={references?.[ref]?.title}>
            <RefLink to={ref} references={references} />
          </span>
        ))}
        {refs.length > 2 && <span className="text-muted">and {refs.length - 2} more</span>}
      </span>
    );
  }
  const field = register.fields.find((f) => f.name === column.name);
  const own = column.name === 'createdAt' || column.name === 'updatedAt' ? record[column.name] : undefined;
  const { Cell } = kindOf(column.kind);
  return (
    <>
      <Cell value={own ?? record.values[column.name]} field={field} references={references} dense />
      <EnteredLater field={field} record={record} />
    </>
  );
}
