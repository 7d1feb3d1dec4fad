import { RefLink } from './ref-link.tsx';

const REF = /([A-Z]{3}-\d{4,})/;

/** A sentence in which every record number is a link; numbers of `refs` that it does not name follow it. */
export function LinkedText({ text, refs = [] }: { text: string; refs?: readonly string[] }) {
  const parts = text.split(REF);
  const offsets = parts.map((_, i) => parts.slice(0, i).join('').length);
  const unnamed = refs.filter((ref) => !parts.includes(ref));
  return (
    <>
      {parts.map((part, i) => (i % 2 === 1 ? <RefLink key={`${part} ${offsets[i]}`} to={part} /> : part))}
      {unnamed.map((ref) => (
        <span key={ref}>
          {' '}
          <RefLink to={ref} />
        </span>
      ))}
    </>
  );
}
