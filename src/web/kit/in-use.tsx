import type { UseTold } from '../../answers/record.ts';
import { LinkedText } from './linked-text.tsx';
import { Notice } from './notice.tsx';
import { RefLink } from './ref-link.tsx';

/** Releases in use that the gate would not let through now. */
export function InUse({ uses }: { uses: readonly UseTold[] | undefined }) {
  if (!uses || uses.length === 0) return null;
  return (
    <Notice tone="bad" title="In use, and no longer let through">
      <ul>
        {uses.map((u) => (
          <li key={u.release} className="wrap-anywhere">
            <RefLink to={u.release} title={u.title} />: <LinkedText text={u.why} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}
