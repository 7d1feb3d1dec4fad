/**
 * Who may do what. Roles belong to a person (or API key) within one organisation; relative roles belong to a person
 * with regard to one record.
 */

import { listed } from '../base/sentence.ts';

/** Roles in an organisation. `topManagement`, `designatedManagement`, `aimsManager`: 5.1, 6.1.3, 5.3. */
export const ROLES = {
  topManagement: 'Top management',
  designatedManagement: 'Designated management',
  aimsManager: 'AIMS manager',
  contributor: 'Contributor',
  auditor: 'Auditor',
  reader: 'Reader',
  ci: 'CI pipeline',
} as const;

export type Role = keyof typeof ROLES;

/** The roles that a list names; what is no role of ours, such as one of a later version, gives nothing. */
export const rolesIn = (words: unknown): Role[] =>
  Array.isArray(words)
    ? words.filter((w): w is Role => typeof w === 'string' && Object.hasOwn(ROLES, w))
    : [];

/** What holding a role includes. `ci` includes nothing: a key does what its role says and no more. */
const INCLUDES: Record<Role, readonly Role[]> = {
  topManagement: ['designatedManagement', 'contributor', 'reader'],
  designatedManagement: ['contributor', 'reader'],
  aimsManager: ['contributor', 'reader'],
  contributor: ['reader'],
  auditor: ['reader'],
  reader: [],
  ci: [],
};

/**
 * A role; `anyone` (whoever belongs to the organisation, keys included); `member` (any person in it, whatever their role, but no key); `owner` (the record's owner field);
 * `author` (who created the record); `link.field` (the person in that field of the linked record, such as
 * `system.approver`); `self.field` (the person or people in a field of the record itself, such as `self.verifier`); `engine` (never a
 * person).
 */
export type Who = Role | 'anyone' | 'member' | 'owner' | 'author' | 'engine' | `${string}.${string}`;

/** Whoever asks: a signed-in person, an API key, or the engine itself on somebody's behalf. */
export interface Actor {
  organisation: number;
  organisationSlug: string;
  kind: 'person' | 'apiKey' | 'engine';
  /** `PSN-0001`, `KEY-0001`, or `engine`. */
  ref: string;
  name: string;
  roles: readonly Role[];
}

/** Does the actor hold this organisation-wide role, directly or by inclusion? */
export function holds(actor: Actor, role: Role): boolean {
  return actor.roles.some((r) => r === role || INCLUDES[r].includes(role));
}

/** What a record knows about people, to answer relative roles. Filled by the reader. */
export interface Relations {
  owner?: string | null;
  author?: string | null;
  /** `system.approver` -> refs of people; `self.verifier` -> those in the record's own field. */
  paths: Record<string, readonly string[]>;
}

/** The first of `who` that lets the actor in, or undefined. The engine passes everything. */
export function admittedAs(actor: Actor, who: readonly Who[], relations?: Relations): Who | undefined {
  if (actor.kind === 'engine') return 'engine';
  return who.find((w) => {
    if (w === 'engine') return false;
    if (w === 'anyone') return true;
    if (w === 'member') return actor.kind === 'person';
    if (w === 'owner') return relations?.owner === actor.ref;
    if (w === 'author') return relations?.author === actor.ref;
    if (w.includes('.')) return relations?.paths[w]?.includes(actor.ref) ?? false;
    return holds(actor, w as Role);
  });
}

/** Roles as they stand in a sentence. */
const IN_SENTENCE: Readonly<Record<Role, string>> = {
  topManagement: 'top management',
  designatedManagement: 'designated management',
  aimsManager: 'an AIMS manager',
  contributor: 'a contributor',
  auditor: 'an auditor',
  reader: 'a reader',
  ci: 'a CI pipeline',
};

/** `the owner of the record, an AIMS manager or top management`, for messages: every refusal says who can. */
export function whoText(who: readonly Who[], names?: Readonly<Record<string, string>>): string {
  const one = (w: Who): string => {
    if (w === 'anyone') return 'anyone in the organisation';
    if (w === 'member') return 'any person in the organisation';
    if (w === 'owner') return 'the owner of the record';
    if (w === 'author') return 'the person who created the record';
    if (w === 'engine') return 'the system itself';
    if (names?.[w]) return names[w];
    if (w.startsWith('self.')) return `the ${w.slice(5)} named in it`;
    if (w.includes('.')) return `the ${w.split('.').reverse().join(' of the ')}`;
    return IN_SENTENCE[w as Role];
  };
  return listed(who.map(one), 'or');
}
