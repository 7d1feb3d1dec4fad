import { shortDigest } from '../kit/format.ts';
import { controlOf, type Kind, orNothing } from './kind.ts';

/** A digest with its algorithm; short in tables, whole on the record's page so that it can be compared. */
export const digest: Kind = {
  Input: (p) => (
    <input
      {...controlOf(p)}
      className="input mono"
      type="text"
      placeholder="sha256:"
      spellCheck={false}
      value={String(p.value ?? '')}
      onChange={(e) => p.onChange(orNothing(e.target.value.trim()))}
    />
  ),
  Cell: ({ value, dense }) => (
    <span className={`mono ${dense ? 'whitespace-nowrap' : 'wrap-anywhere'}`}>
      {dense ? shortDigest(String(value ?? '')) : String(value ?? '')}
    </span>
  ),
  text: (value) => String(value ?? ''),
};
