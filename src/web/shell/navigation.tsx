import { Link } from '@tanstack/react-router';
import { useOrganisation } from '../api/queries.ts';
import { sectionsOf } from './sections.ts';

const LINK =
  'block rounded-md px-2.5 py-1 text-ink no-underline! hover:bg-sunken data-[status=active]:bg-accent-soft data-[status=active]:font-semibold data-[status=active]:text-accent';

/** Pages over several registers, under the names people look for. */
const NAMED_PAGES = [
  { step: 'Assure', to: '/o/$org/capa', label: 'CAPA' },
  { step: 'Assure', to: '/o/$org/audit-programme', label: 'Audit programme' },
] as const;

/** The five steps in their order, then what runs across them. */
export function Navigation() {
  const { org, meta } = useOrganisation();
  const sections = sectionsOf(meta);
  return (
    <nav aria-label="Registers" className="p-2 pb-8">
      <Link to="/o/$org" params={{ org }} activeOptions={{ exact: true }} className={LINK}>
        Home
      </Link>
      <Link to="/o/$org/ledger" params={{ org }} className={LINK}>
        Ledger
      </Link>
      <Link to="/o/$org/changes" params={{ org }} className={LINK}>
        What changed
      </Link>
      {sections.map((s) => (
        <div key={s.step}>
          <h2 id={`step-${s.step}`} className="mt-3.5 mb-0.5 px-2.5 text-[12px]! text-muted">
            {s.label}
          </h2>
          {s.registers.length === 0 && (
            <p className="px-2.5 py-1 text-[12.5px] text-muted">No registers here yet</p>
          )}
          <ul aria-labelledby={`step-${s.step}`}>
            {s.registers.map((r) => (
              <li key={r.name}>
                <Link to="/o/$org/$register" params={{ org, register: r.name }} className={LINK}>
                  {r.label.many}
                </Link>
              </li>
            ))}
            {NAMED_PAGES.filter((p) => p.step === s.step).map((p) => (
              <li key={p.to}>
                <Link to={p.to} params={{ org }} className={LINK}>
                  {p.label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
