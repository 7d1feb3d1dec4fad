import type { Sent } from '../../actions/index.ts';
import type { RegisterMeta } from '../../register/describe.ts';

/** The group that a field or link of a record is committed in; the state stands in the entry itself. */
export function groupOf(register: RegisterMeta, name: string): string {
  if (name === 'state') return '';
  const field = register.fields.find((f) => f.name === name);
  if (!field) return 'links';
  return field.personal ? 'people' : field.kind === 'longText' ? 'text' : 'values';
}

/** Who may erase somebody: never an API key, never themselves. The server asks again. */
export const mayErase = (me: { ref: string; kind: string; roles: readonly string[] }, ref: string): boolean =>
  me.kind === 'person' &&
  me.ref !== ref &&
  me.roles.some((r) => r === 'topManagement' || r === 'aimsManager');

/** Legal bases as a person chooses them; the names are those the log keeps. */
export const BASES: readonly (readonly [Sent<'POST erasure'>['basis'], string])[] = [
  ['gdpr.17.1.a', 'No longer needed for its purpose (GDPR 17(1)(a))'],
  ['gdpr.17.1.b', 'Consent was withdrawn (GDPR 17(1)(b))'],
  ['gdpr.17.1.c', 'The person objects (GDPR 17(1)(c))'],
  ['gdpr.17.1.d', 'It was processed unlawfully (GDPR 17(1)(d))'],
  ['gdpr.17.1.e', 'A legal obligation to erase (GDPR 17(1)(e))'],
  ['gdpr.17.1.f', 'Collected from a child for an online service (GDPR 17(1)(f))'],
  ['retention.ended', 'The retention period has ended'],
  ['other.law', 'Another law'],
];

/** Groups of fields as people call them. */
export const GROUP_WORDS: Readonly<Record<string, string>> = {
  values: 'values',
  people: 'people',
  text: 'free text',
  links: 'links',
  actor: 'who did it',
  reason: 'reason',
};

export const groupWords = (groups: readonly string[]): string =>
  groups.map((g) => GROUP_WORDS[g] ?? g).join(', ');
