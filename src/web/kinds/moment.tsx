import { momentText } from '../kit/format.ts';
import { controlOf, type Kind } from './kind.ts';

const toLocal = (value: unknown): string => (value ? momentText(value).replace(' ', 'T') : '');

/** A point in time: stored in UTC, entered and shown in the reader's zone, the exact value on hover. */
export const moment: Kind = {
  Input: (p) => (
    <input
      {...controlOf(p)}
      type="datetime-local"
      value={toLocal(p.value)}
      onChange={(e) => p.onChange(e.target.value === '' ? null : new Date(e.target.value).toISOString())}
    />
  ),
  Cell: ({ value }) =>
    value ? (
      <time dateTime={String(value)} title={String(value)} className="tabular-nums whitespace-nowrap">
        {momentText(value)}
      </time>
    ) : null,
  text: (value) => (value ? momentText(value) : ''),
};
