import type { Answered } from '../../actions/index.ts';
import { Notice } from './notice.tsx';
import { RefLink } from './ref-link.tsx';

/** What an answer says besides when it is computed of an earlier state. */
type ComputedThen = Pick<Answered<'GET risk/matrix'>, 'erased'>;

/** More than these are counted only. */
const NAMED = 20;

/** Records that are no longer whole: what an earlier state says of them is not known. */
export function ErasedSince({ of }: { of: ComputedThen | undefined }) {
  const erased = of?.erased ?? [];
  if (erased.length === 0) return null;
  return (
    <Notice tone="plain" title="Erased since, in part: what was computed from these is not known">
      {erased.slice(0, NAMED).map((e) => (
        <span key={e.ref}>
          <RefLink to={e.ref} />{' '}
        </span>
      ))}
      {erased.length > NAMED && `and ${erased.length - NAMED} more`}
    </Notice>
  );
}
