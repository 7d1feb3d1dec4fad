import type { Register } from '../../register/register.ts';
import { allPartsStatement, type SaidPart, toSaid } from '../../store/ledger/erasure.ts';
import type { App } from '../context.ts';

/** Parts read at once: it bounds memory, whatever the organisation ever wrote. */
const PAGE = 1_000;

/** Fewer letters than this are part of too many words to be looked for. */
const SHORTEST_NAME = 4;

/** What a person is known by: the names and addresses their record or account ever held. */
export interface KnownAs {
  names: string[];
  emails: string[];
}

/** Where a person is found beside their own record. */
export interface Found {
  /** Parts whose text has the person's name or address. */
  mentions: SaidPart[];
  /** Records that name the person by number. */
  numbered: Set<string>;
}

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * A test for texts that mention the person: a name of at least four letters or an address, whole, in capitals or not, however the blanks
 * between its words are written. Undefined when there is nothing to look for.
 */
export function mentionsOf(known: KnownAs): ((text: string) => boolean) | undefined {
  const names = known.names.map(plain).filter((n) => (n.match(/\p{L}/gu) ?? []).length >= SHORTEST_NAME);
  const needles = [...new Set([...names, ...known.emails.map(plain)])].map((n) => n.trim()).filter(Boolean);
  if (needles.length === 0) return undefined;
  const any = needles.map((n) => n.split(/\s+/).map(escaped).join('\\s+')).join('|');
  // Anna is not mentioned in Annabelle; \b knows only ASCII.
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, 'u');
  return (text) => pattern.test(plain(text));
}

/** Every text inside a value; names of members are ours and say nothing of people. */
function* texts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* texts(inner);
}

/**
 * Looks through everything that was ever said in the organisation and has not been erased, except the person's own record and what other
 * people's records call themselves: somebody of the same name is somebody else. Reads every part once, a page at a time.
 */
export async function findPerson(
  app: App,
  organisation: number,
  register: Register,
  person: { id: string; ref: string },
  known: KnownAs,
): Promise<Found> {
  const mentioned = mentionsOf(known);
  const found: Found = { mentions: [], numbered: new Set() };
  let after: SaidPart | undefined;
  for (;;) {
    const [rows] = await app.db.run(organisation, [allPartsStatement(after, PAGE)]);
    const page = rows!.map(toSaid);
    for (const p of page) {
      if (p.id === person.id) continue;
      const said = [...texts(p.value)];
      if (said.includes(person.ref)) found.numbered.add(p.ref);
      if (p.register === register.name && p.part === 'people') continue;
      if (mentioned && said.some(mentioned)) found.mentions.push(p);
    }
    after = page.at(-1);
    if (page.length < PAGE) return found;
  }
}
