import type { FieldMeta } from '../../register/describe.ts';
import { codeText } from '../kit/format.ts';
import { RefLink } from '../kit/ref-link.tsx';
import { controlOf, type Kind, orNothing } from './kind.ts';

const REF = /^[A-Z]{3}-\d{4,}$/;

function textOf(value: unknown, field?: FieldMeta): string {
  const text = String(value ?? '');
  return field?.code ? codeText(text) : text;
}

/** One line of text. */
export const text: Kind = {
  Input: (p) => (
    <input
      {...controlOf(p)}
      type="text"
      maxLength={p.field.max}
      value={String(p.value ?? '')}
      onChange={(e) => p.onChange(orNothing(e.target.value))}
    />
  ),
  Cell: ({ value, field, dense }) => {
    const said = textOf(value, field);
    // A text that is nothing but the number of a record leads there.
    return REF.test(said) ? (
      <RefLink to={said} />
    ) : (
      <span className={dense ? 'block max-w-72 truncate' : 'wrap-anywhere'} title={dense ? said : undefined}>
        {said}
      </span>
    );
  },
  text: textOf,
};
