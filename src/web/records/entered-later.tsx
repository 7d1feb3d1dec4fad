import type { RecordView } from '../../answers/record.ts';
import type { FieldMeta } from '../../register/describe.ts';

const DAY = 86_400_000;

/** Beside a day that somebody said later than it was: how much later. Waits count from the day on which it was said. */
export function EnteredLater({ field, record }: { field?: FieldMeta; record: Pick<RecordView, 'values'> }) {
  const [claimed, entered] = [record.values?.[field?.name ?? ''], record.values?.[field?.entered ?? '']];
  if (typeof claimed !== 'string' || typeof entered !== 'string') return null;
  const days = Math.round((Date.parse(entered) - Date.parse(claimed.slice(0, 10))) / DAY);
  return (
    <span className="whitespace-nowrap text-muted" title={`Entered on ${entered}`}>
      {' '}
      entered {days} {days === 1 ? 'day' : 'days'} later
    </span>
  );
}
