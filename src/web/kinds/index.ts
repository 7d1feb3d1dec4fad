import type { FieldKind } from '../../register/field.ts';
import { choice } from './choice.tsx';
import { choices } from './choices.tsx';
import { date } from './date.tsx';
import { digest } from './digest.tsx';
import { duration } from './duration.tsx';
import { file } from './file.tsx';
import type { Kind } from './kind.ts';
import { longText } from './long-text.tsx';
import { moment } from './moment.tsx';
import { number } from './number.tsx';
import { people } from './people.tsx';
import { person } from './person.tsx';
import { score } from './score.tsx';
import { table } from './table.tsx';
import { text } from './text.tsx';
import { url } from './url.tsx';
import { yesNo } from './yes-no.tsx';

/** How each kind of field is entered and shown. A kind without an entry here does not compile. */
export const kinds = {
  text,
  longText,
  score,
  number,
  choice,
  choices,
  person,
  people,
  date,
  moment,
  duration,
  yesNo,
  url,
  file,
  digest,
  table,
} satisfies Record<FieldKind, Kind>;

/** The kind as the pages use it. */
export const kindOf = (kind: FieldKind): Kind => kinds[kind];

/** Kinds whose columns are aligned right. */
export const isNumeric = (kind: string): boolean => kind === 'number' || kind === 'score';
