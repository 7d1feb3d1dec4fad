import { placeholdersIn } from '../register/placeholders.ts';
import { templates } from './templates.ts';

const plain = (s: string): string => s.replace(/\s+/g, ' ').trim();

/**
 * What is left of a template in a text that began from it: `unedited`, `placeholders` (words in square brackets still to be filled in), or undefined
 * when somebody made it their own. Unedited template text supports nothing.
 */
export function untouched(template: string | undefined, body: string | undefined): string | undefined {
  if (body === undefined || plain(body) === '') return template ? 'unedited' : undefined;
  const origin = templates.find((t) => t.id === template);
  if (origin && plain(origin.body) === plain(body)) return 'unedited';
  // Copied by hand from a template, it is no more one's own.
  if (templates.some((t) => plain(t.body) === plain(body))) return 'unedited';
  return placeholdersIn(body).length > 0 ? 'placeholders' : undefined;
}
