import type { ImportInspection } from '../../answers/exchange.ts';
export type Mapping = Record<string, string | null>;

/** Fields that must be there and that no column gives. */
export const missingIn = (file: ImportInspection, mapping: Mapping): string[] => {
  const taken = new Set(Object.values(mapping));
  // Rows that name a record only change it; what is missing then stays as it is.
  if (taken.has('ref')) return [];
  return file.targets.filter((t) => t.required && !taken.has(t.name)).map((t) => t.label);
};

interface Props {
  file: ImportInspection;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}

/** Each column of the file with what it becomes; a near name is a proposal that a person looks at. */
export function MappingTable({ file, mapping, onChange }: Props) {
  const columns = file.columns.filter((c) => c.heading !== '' && c.how !== 'shown');
  const nameless = file.columns.filter((c) => c.heading === '').length;
  return (
    <div className="mb-3">
      <table className="w-full text-left text-[13px]">
        <caption className="mb-1 text-left font-semibold">Columns</caption>
        <thead className="text-muted">
          <tr>
            <th scope="col" className="py-1 pr-2 font-normal">
              In the file
            </th>
            <th scope="col" className="py-1 font-normal">
              Becomes
            </th>
          </tr>
        </thead>
        <tbody>
          {columns.map((c) => (
            <tr key={c.heading} className="border-t border-line align-top">
              <th scope="row" className="max-w-52 py-1.5 pr-2 font-normal wrap-anywhere">
                {c.heading}
                {c.samples.length > 0 && (
                  <span className="block truncate text-[12px] text-muted">{c.samples.join(' · ')}</span>
                )}
              </th>
              <td className="py-1.5">
                <select
                  className="input"
                  aria-label={`${c.heading} becomes`}
                  value={mapping[c.heading] ?? ''}
                  onChange={(e) => onChange({ ...mapping, [c.heading]: e.target.value || null })}
                >
                  <option value="">Left out</option>
                  {file.targets.map((t) => (
                    <option key={t.name} value={t.name}>
                      {t.label}
                      {file.targets.some((o) => o.name !== t.name && o.label === t.label)
                        ? ` (${t.name})`
                        : ''}
                    </option>
                  ))}
                </select>
                {c.how === 'near' && mapping[c.heading] === c.to && (
                  <span className="text-[12px] text-muted">A guess: please look at it.</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {nameless > 0 && <p className="mt-1 text-muted">Columns without a heading are left out: {nameless}.</p>}
    </div>
  );
}
