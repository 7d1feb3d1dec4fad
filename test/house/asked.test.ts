import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { namedAnswers } from '../../src/answers/index.ts';
import { ROOT } from '../support/root.ts';

/**
 * What an answer is stands in `src/answers` and nowhere else. Commands and pages ask by method and path, which says what comes out: so none of them reads
 * JSON of a response, sends a request of its own, or says beside the question what the answer is.
 */
const CLIENTS = ['cli/client.ts', 'web/api/client.ts'];
/** Read what is no answer of the interface: a kept profile, a file to verify, the check of a pack, an entry of the log, a sign-in with its cookie. */
const OF_FILES =
  /^(cli\/(profile|kept-file|seen-heads|input|commands\/(verify|attestation-check|pack-check|account))\b|web\/(verifier\/|proof\/|kit\/address))/;

const sources = ['cli', 'web'].flatMap((part) =>
  readdirSync(join(ROOT, 'src', part), { recursive: true, encoding: 'utf8' })
    .map((file) => `${part}/${file.split(sep).join('/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|\/testing\/|\.d\.ts$|vite\.config/.test(file)),
);

const REFUSED: readonly [what: string, pattern: RegExp][] = [
  ['names the type of what it asks', /\b(?:ask|askWhole|open|words|getRecords)<(?!K\b|N\b)/],
  [
    'says beside the question what the answer is',
    /:\s*\{[^{}=]*\}\s*=\s*await\s+(?:client\.)?(?:ask|askWhole)\(/,
  ],
  ['takes the answer for something else', /\bask(?:Whole)?\([^;]*?\)\)?\s+as\s+(?!const\b)/],
  ['reads JSON of a response', /\.json(?:<[^>]*>)?\(\)/],
  ['sends a request of its own', /(?<![.\w])fetch\(/],
];
const wrongIn = (code: string): string[] =>
  REFUSED.flatMap(([what, pattern]) => (pattern.test(code) ? [what] : []));

describe('what an answer is, is said by its action', () => {
  test('in every command and page', () => {
    const looked = sources.filter((file) => !CLIENTS.includes(file) && !OF_FILES.test(file));
    expect(looked.length).toBeGreaterThan(120);
    expect(
      looked.flatMap((file) => {
        const code = readFileSync(join(ROOT, 'src', file), 'utf8').replace(
          /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm,
          '',
        );
        return [...wrongIn(code), ...(code.includes('JSON.parse(') ? ['parses JSON'] : [])].map(
          (w) => `${file} ${w}`,
        );
      }),
    ).toEqual([]);
  });

  test('the check sees each of them', () => {
    expect(wrongIn("ask<{ a: string }>(base, 'GET meta', {})")).toHaveLength(1);
    expect(wrongIn("const made: { secret?: string } = await ask(base, 'POST :register', {})")).toHaveLength(
      1,
    );
    expect(wrongIn("const made: { secret?: string } = await client.ask('POST :register', {})")).toHaveLength(
      1,
    );
    expect(wrongIn("(await ask(base, 'GET meta', {})) as Mine")).toHaveLength(1);
    expect(wrongIn('await response.json<Mine>()')).toHaveLength(1);
    expect(wrongIn("await fetch('/api/v1/me')")).toHaveLength(1);
    expect(wrongIn("const { code } = await ask(base, 'POST concerns', {}, { title })")).toEqual([]);
  });
});

/**
 * A member that may be absent: `...(from ? { aloneFrom: from } : {})` compiles whatever the answer calls it. So each has to be named where answers are made.
 * One that shares its name with another thing there is not told apart; where `every-route.test.ts` meets it, its schema refuses the other name.
 */
describe('members of answers that may be absent', () => {
  const made = ['app', 'api', 'gate', 'facts', 'store', 'identity', 'evidence', 'register', 'base', 'ledger']
    .flatMap((part) =>
      readdirSync(join(ROOT, 'src', part), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.ts$/.test(file) && !/\.test\.|testing/.test(file))
        .map((file) => readFileSync(join(ROOT, 'src', part, file), 'utf8')),
    )
    .join('\n');
  const unmade = (members: readonly string[]) =>
    members.filter((m) => !new RegExp(`\\b${m}\\??\\s*[:,}]|['"]${m}['"]`).test(made));

  test('each is named by what makes answers', () => {
    const optional = [...namedAnswers().keys()].flatMap((schema) =>
      schema instanceof z.ZodObject
        ? Object.entries(schema.shape).flatMap(([name, of]) => (of instanceof z.ZodOptional ? [name] : []))
        : [],
    );
    expect(new Set(optional).size).toBeGreaterThan(40);
    expect(unmade(optional)).toEqual([]);
  });

  test('one that is renamed in the answers alone is found', () => {
    const spread = ['aloneFrom', 'onBehalfOf', 'enteredAfter', 'moreDuplicates'];
    expect(unmade(spread)).toEqual([]);
    const renamed = spread.map((m) => `${m}Renamed`);
    expect(unmade(renamed)).toEqual(renamed);
  });
});
