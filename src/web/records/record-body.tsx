import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Inverse, RecordPage } from '../../answers/record.ts';
import type { FieldMeta, RegisterMeta } from '../../register/describe.ts';
import { useOrganisation } from '../api/queries.ts';
import { kindOf } from '../kinds/index.ts';
import { StateBadge } from '../kit/badge.tsx';
import { RefLink } from '../kit/ref-link.tsx';
import { derivedText } from './cell.tsx';
import { DecisionList } from './decision-list.tsx';
import { EnteredLater } from './entered-later.tsx';
import { isEmpty } from './entries.ts';

const WIDE = ['longText', 'table'];

interface BodyProps {
  register: RegisterMeta;
  record: RecordPage;
}

/** Everything recorded, grouped: short facts, texts and tables, connections, decisions. */
export function RecordBody({ register, record }: BodyProps) {
  const { asOf } = useOrganisation();
  // What nobody could fill in is not told as missing.
  const beside = register.fields.map((f) => f.entered);
  const told = register.fields.filter(
    (f) => !beside.includes(f.name) && (!f.engine || !isEmpty(record.values[f.name])),
  );
  const links = register.links.filter((l) => !l.engine || !isEmpty(record.links[l.name]));
  const short = told.filter((f) => !WIDE.includes(f.kind));
  const wide = told.filter((f) => WIDE.includes(f.kind));
  // Evidence has a part of the page to itself, but of an earlier state.
  const inverses = Object.entries(record.inverses).filter(
    ([name, i]) => i.items.length > 0 && (asOf || name !== 'supportedBy'),
  );
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_340px]">
      <div className="min-w-0 space-y-5">
        <dl className="card grid gap-x-6 px-4 py-2 sm:grid-cols-2">
          {short.map((f) => (
            <Fact key={f.name} label={f.label}>
              <FieldValue field={f} record={record} />
            </Fact>
          ))}
          {register.derived.map((d) => (
            <Fact key={d.name} label={`${d.label} (computed)`}>
              {isEmpty(record.derived[d.name]) ? <Missing /> : derivedText(record.derived[d.name])}
            </Fact>
          ))}
        </dl>
        {wide.map((f) => (
          <section key={f.name} aria-label={f.label} className={f.kind === 'table' ? '' : 'card px-4 py-3'}>
            <h2 className="mb-1">{f.label}</h2>
            <FieldValue field={f} record={record} />
          </section>
        ))}
        {inverses.map(([name, inverse]) => (
          <InverseTable key={name} name={name} inverse={inverse} register={register} record={record} />
        ))}
      </div>
      <div className="space-y-5">
        {links.length > 0 && <Links links={links} record={record} />}
        <DecisionList decisions={record.decisions} record={record} />
      </div>
    </div>
  );
}

const Missing = () => <span className="text-muted">Not recorded</span>;

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0 py-1.5">
      <dt className="text-[12.5px] text-muted">{label}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

function FieldValue({ field, record }: { field: FieldMeta; record: RecordPage }) {
  const value = record.values[field.name];
  if (isEmpty(value)) return <Missing />;
  const { Cell } = kindOf(field.kind);
  return (
    <>
      <Cell value={value} field={field} references={record.references} />
      <EnteredLater field={field} record={record} />
    </>
  );
}

function Links({ links, record }: { links: RegisterMeta['links']; record: RecordPage }) {
  return (
    <section className="card px-4 py-3" aria-labelledby="links">
      <h2 id="links">Linked records</h2>
      {links.map((l) => {
        const refs = record.links[l.name] ?? [];
        return (
          <div key={l.name} className="mt-2">
            <h3 className="text-[12.5px]! font-normal! text-muted">{l.label}</h3>
            {refs.length === 0 ? (
              <Missing />
            ) : (
              <ul>
                {refs.map((ref) => (
                  <li key={ref}>
                    <RefLink to={ref} references={record.references} />
                  </li>
                ))}
              </ul>
            )}
          </div>
        );
      })}
    </section>
  );
}

interface InverseProps extends BodyProps {
  name: string;
  inverse: Inverse;
}

function InverseTable({ name, inverse, register, record }: InverseProps) {
  const { org } = useOrganisation();
  const link = register.inverses.find((i) => i.name === name)?.link;
  return (
    <section aria-label={inverse.label}>
      <h2 className="mb-1">{inverse.label}</h2>
      <div className="card overflow-hidden">
        <table className="grid-table">
          <thead className="sr-only">
            <tr>
              <th scope="col">Record</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {inverse.items.map((i) => (
              <tr key={i.ref}>
                <td>
                  <RefLink to={i.ref} title={i.title} />
                </td>
                <td className="w-32">
                  <StateBadge state={i.state} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {inverse.more && link && (
          <p className="px-3 py-1.5">
            <Link
              to="/o/$org/$register"
              params={{ org, register: inverse.register }}
              search={{ [link]: record.ref }}
            >
              All {inverse.label.toLowerCase()}
            </Link>
          </p>
        )}
      </div>
    </section>
  );
}
