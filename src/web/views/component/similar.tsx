import { useEffect, useState } from 'react';
import type { Likeness } from '../../../answers/components.ts';
import type { RegisterMeta } from '../../../register/describe.ts';
import type { FieldOf } from '../../../register/rec.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import type { Flat } from '../../records/entries.ts';

const HOW: Record<Likeness['how'], string> = {
  digest: 'the same digest',
  name: 'the same name',
  near: 'a near name',
};

export const howText = (l: Likeness): string => `${HOW[l.how]}${l.version ? `, version ${l.version}` : ''}`;

/** Records that may be the thing somebody is about to enter again. */
export function Similar({ register, values }: { register: RegisterMeta; values: Flat }) {
  const { base } = useOrganisation();
  const [items, setItems] = useState<readonly Likeness[]>([]);
  const text = (name: string) => {
    const given = values[name];
    return typeof given === 'string' ? given.trim().slice(0, 300) : '';
  };
  const component = (name: FieldOf<Registers['component']>) => text(name);
  const name = text(register.title);
  const version = component('componentVersion');
  const digest = component('digest');
  const enough = name.length >= 3;
  useEffect(() => {
    if (!enough) {
      setItems([]);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask(base, 'GET :register/similar', { register: register.name, name, version, digest }, undefined, {
        signal: stop.signal,
      }).then(
        (a) => setItems(a.items),
        // A hint that cannot be given is no fault of what is being entered.
        () => {},
      );
    }, 400);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [name, version, digest, enough, base, register.name]);
  if (items.length === 0) return null;
  return (
    <div className="mb-3">
      <Notice tone="warn" title="Perhaps it is here already">
        <ul className="mt-1 space-y-0.5">
          {items.map((l) => (
            <li key={l.ref}>
              <RefLink to={l.ref} title={l.title} /> <span className="text-muted">({howText(l)})</span>
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
