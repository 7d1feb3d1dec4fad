import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { catalogues, piecesOf } from '../../src/base/sentence.ts';
import { ROOT } from '../support/root.ts';

/**
 * Sentences that are thrown without the id of a message, by part. They cannot be told in another language. The numbers only go down: whoever
 * gives some an id (`failures`) writes the smaller number here.
 */
const BARE: Readonly<Record<string, number>> = {
  actions: 1,
  api: 58,
  app: 146,
  identity: 7,
  intake: 21,
  ledger: 34,
  pack: 14,
  register: 3,
  sheet: 6,
  'start.ts': 1,
  store: 38,
  timestamp: 1,
  witness: 11,
};

const src = join(ROOT, 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((f) => f.split(sep).join('/'))
  .filter((f) => /\.tsx?$/.test(f) && !/\.test\.tsx?$|\/testing\/|\/fixtures\/|\.d\.ts$/.test(f))
  .sort();
const codeOf = new Map(files.map((f) => [f, readFileSync(join(src, f), 'utf8')]));
const declaring = files.filter((f) =>
  /^(export )?const \w+ = (catalogue|refusals|failures)\(/m.test(codeOf.get(f)!),
);

beforeAll(async () => {
  for (const f of declaring) await import(pathToFileURL(join(src, f)).href);
});

/** Is the id written out, or put together of a part that is and a value: `hazards_${tests}`? */
const says = (code: string, id: string): boolean =>
  code.includes(`'${id}'`) ||
  [...code.matchAll(/\(`(\w*)\$\{[^}]*\}(\w*)`/g)].some(
    ([, before = '', after = '']) => before + after !== '' && id.startsWith(before) && id.endsWith(after),
  );

const all = (): [id: string, text: string][] =>
  [...catalogues].flatMap(([area, messages]) =>
    Object.entries(messages).map(([id, text]): [string, string] => [`${area}.${id}`, text]),
  );

test('a broken request is told by the id of a message; no part has more bare sentences than are written here', () => {
  const counted: Record<string, number> = {};
  let looked = 0;
  for (const [f, code] of codeOf) {
    // `base` makes them of messages.
    if (f.startsWith('base/')) continue;
    looked += 1;
    const part = f.includes('/') ? f.split('/')[0]! : f;
    const n = code.match(/\bnew Failure\(/g)?.length ?? 0;
    if (n > 0) counted[part] = (counted[part] ?? 0) + n;
  }
  expect(looked).toBeGreaterThan(500);
  const more = Object.entries(counted).filter(([part, n]) => n > (BARE[part] ?? 0));
  expect(more).toEqual([]);
});

describe('every message', () => {
  test('is one that a catalogue of this program declares', () => {
    expect(declaring.length).toBeGreaterThan(1);
    expect(all().length).toBeGreaterThan(30);
  });

  test('can be read, and is proper English at its ends', () => {
    const wrong = all().filter(([, text]) => {
      // Throws on what is no message.
      piecesOf(text);
      // In ICU an apostrophe before a brace takes its meaning away, a number sign in a plural is the figure, and two spaces are one too many.
      return /'[{}]|''|#|^\s|\s$| {2}|[,:;]$|\.\.$|\b(and|or)$/.test(text);
    });
    expect(wrong).toEqual([]);
  });

  test('why something is refused ends as a sentence does', () => {
    const refusing = declaring.flatMap((f) =>
      [...codeOf.get(f)!.matchAll(/= (?:refusals|failures)\('([^']+)'/g)].map((m) => m[1]!),
    );
    expect(refusing.length).toBeGreaterThan(0);
    const open = all().filter(([id, text]) => {
      const area = id.slice(0, id.lastIndexOf('.'));
      // What ends with a part ends as that part does.
      return refusing.includes(area) && !/[.?]$|\{\w+\}$/.test(text);
    });
    expect(open).toEqual([]);
  });

  test('is said by somebody', () => {
    const unused: string[] = [];
    let looked = 0;
    for (const f of declaring)
      for (const [, name, area] of codeOf
        .get(f)!
        .matchAll(/^(?:export )?const (\w+) = (?:catalogue|refusals|failures)\('([^']+)'/gm)) {
        const users = files.filter((u) => u === f || new RegExp(`\\b${name}\\b`).test(codeOf.get(u)!));
        for (const id of Object.keys(catalogues.get(area!) ?? {})) {
          looked += 1;
          if (!users.some((u) => says(codeOf.get(u)!, id))) unused.push(`${area}.${id}`);
        }
      }
    expect(unused).toEqual([]);
    expect(looked).toBe(all().length);
  });
});
