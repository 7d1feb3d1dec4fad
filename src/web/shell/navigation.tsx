import { Link } from '@tanstack/react-router';
import { useOrganisation } from '../api/queries.ts';
import { pagesOf } from '../pages/index.ts';
import { sectionsOf } from './sections.ts';

const LINK =
  'block rounded-md px-2.5 py-1 text-ink no-underline! hover:bg-sunken data-[status=active]:bg-accent-soft data-[status=active]:font-semibold data-[status=active]:text-accent';

/** The five steps in their order, then what runs across them. */
export function Navigation() {
  const { org, meta } = useOrganisation();
  const sections = sectionsOf(meta);
  return (
    <nav aria-label="Registers" className="p-2 pb-8">
      <Link to="/o/$org" params={{ org }} activeOptions={{ exact: true }} className={LINK}>
        Home
      </Link>
      <Link to="/o/$org/my-work" params={{ org }} className={LINK}>
        My work
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
            {s.step === 'Govern' && <GovernPages org={org} />}
            {s.registers.map((r) => (
              <li key={r.name}>
                <Link to="/o/$org/$register" params={{ org, register: r.name }} className={LINK}>
                  {r.label.many}
                </Link>
              </li>
            ))}
            {pagesOf(s.step).map((p) => (
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

const GOVERN = [
  ['/o/$org/templates', 'Start a document'],
  ['/o/$org/awareness', 'Who has read what'],
  ['/o/$org/raci', 'RACI matrix'],
  ['/o/$org/raise', 'Raise a concern'],
] as const;

/** Pages of the Govern step that are more than one register. */
const GovernPages = ({ org }: { org: string }) =>
  GOVERN.map(([to, label]) => (
    <li key={to}>
      <Link to={to} params={{ org }} className={LINK}>
        {label}
      </Link>
    </li>
  ));
