import type { Register } from '../../register/register.ts';
import { inputNames } from './import-columns.ts';

/** The head line of an import file. */
export function templateCsv(register: Register): string {
  const { fields, links } = inputNames(register);
  return `${['ref', ...fields, ...links].join(',')}\n`;
}

/** Stands for "nothing" where an empty cell would be filled with the field's usual value. */
const EMPTY = '(empty)';
/** The text form of an absent value whose field has a usual one; a text that reads the same is told apart by an apostrophe. */
export const saidEmpty = EMPTY;
export const isSaidEmpty = (text: string): boolean => text === EMPTY;
export const sayText = (text: string): string => (/^'*\(empty\)$/.test(text) ? `'${text}` : text);
export const saidText = (cell: string): string => (/^'+\(empty\)$/.test(cell) ? cell.slice(1) : cell);
