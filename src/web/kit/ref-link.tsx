import { Link } from '@tanstack/react-router';
import type { References } from '../../answers/record.ts';
import { useOrganisation } from '../api/queries.ts';

/** A record's number, and its title when known, as a link to its page. */
export function RefLink({ to, title, references }: { to: string; title?: string; references?: References }) {
  const { org, ofRef } = useOrganisation();
  const known = references?.[to];
  const register = known?.register ?? ofRef(to)?.name;
  const name = title ?? known?.title;
  const inside = (
    <>
      <span className="ref">{to}</span>
      {name && <span className="text-ink"> {name}</span>}
    </>
  );
  if (!register) return <span>{inside}</span>;
  return (
    <Link to="/o/$org/$register/$ref" params={{ org, register, ref: to }}>
      {inside}
    </Link>
  );
}

/** A person by name; the number only when the name is not known, a question mark when nobody is named any more. */
export function PersonName({ to, references }: { to: string | undefined; references?: References }) {
  const { meta } = useOrganisation();
  if (to === undefined) return <span>?</span>;
  const name = references?.[to]?.title ?? (to === meta.me.ref ? meta.me.name : undefined);
  return <span title={to}>{name ?? to}</span>;
}
