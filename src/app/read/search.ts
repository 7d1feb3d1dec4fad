import type { Found, SearchAnswer } from '../../answers/home.ts';
import { Failure } from '../../base/failure.ts';
import { kindOf } from '../../register/kinds.ts';
import { type Register, type Registry, refOf } from '../../register/register.ts';
import { askedChunks, folded } from '../../register/words.ts';
import { type Hit, MOST_FOUND, searchStatement, toHit } from '../../store/records/search.ts';
import type { App, Asking } from '../context.ts';
import { mayRead } from '../write/access.ts';

/** Looks for words over all registers that whoever asks may read: one statement, the best first. */
export async function searchAll(
  app: App,
  ask: Asking,
  o: { words: string; after: number; limit: number },
): Promise<SearchAnswer> {
  if (o.words.trim() === '')
    throw new Failure('BAD_INPUT', 'q: say what to look for, such as 2.3.2, RSK-0012 or red team.', [
      { path: '/q', message: 'is empty' },
    ]);
  const registers = app.registry.all.filter((r) => mayRead(ask.actor, r));
  const statement = searchStatement({
    words: o.words,
    refs: numbersIn(app.registry, o.words),
    registers: registers.map((r) => r.name),
    skip: o.after,
    limit: o.limit + 1,
  });
  if (!statement) return { items: [], next: null, cut: false };
  const [rows] = await app.db.run(ask.actor.organisation, [statement]);
  const hits = rows!.slice(0, o.limit).map(toHit);
  const seen = o.after + hits.length;
  return {
    items: hits.map((h) => toFound(app.registry.get(h.register), h, o.words)),
    next: rows!.length > o.limit ? seen : null,
    cut: rows!.length <= o.limit && seen >= MOST_FOUND,
  };
}

/** The number that the words may be: `rsk 12` and `RSK-0012` are RSK-0012. */
function numbersIn(registry: Registry, words: string): string[] {
  const m = /^\s*([A-Za-z]{3})[\s-]*0*(\d{1,9})\s*$/.exec(words);
  const register = m && registry.ofRef(`${m[1]!.toUpperCase()}-`);
  return register ? [refOf(register, Number(m[2]))] : [];
}

function toFound(register: Register, { values, ...hit }: Hit, words: string): Found {
  const asked = askedChunks(words).flat();
  const texts = Object.entries(register.fields)
    .filter(([name]) => name !== register.title && values[name] !== undefined)
    .map(([name, f]) => kindOf(f).words(values[name]));
  for (const text of texts) {
    const around = aroundIn(text.slice(0, 100_000), asked);
    if (around) return { ...hit, around };
  }
  return { ...hit, around: '' };
}

/** Words before and after the first place; at most 200 characters. */
function aroundIn(text: string, asked: readonly string[]): string | undefined {
  const words = text.split(/\s+/).filter(Boolean);
  const at = words.findIndex((w) => {
    const f = folded(w);
    return asked.some((a) => f.includes(a));
  });
  if (at < 0) return undefined;
  const from = Math.max(0, at - 6);
  const shown = words
    .slice(from, at + 14)
    .join(' ')
    .slice(0, 200)
    .toWellFormed();
  return `${from > 0 ? '… ' : ''}${shown}${at + 14 < words.length ? ' …' : ''}`;
}
