import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';
import { ROOT } from '../support/root.ts';

/**
 * How many casts each part may have. A cast is a claim that the compiler does not check: values that a declaration knows need none, and what comes
 * from outside is parsed. The numbers only go down: whoever removes some writes the smaller number here. `register` and `store` are where
 * what was checked on the way in gets its type back; they are not counted.
 */
const MOST: Readonly<Record<string, number>> = {
  '': 2,
  api: 5,
  app: 2,
  base: 2,
  cli: 7,
  demo: 3,
  evidence: 7,
  gate: 7,
  identity: 1,
  ledger: 6,
  pack: 18,
  risk: 3,
  sheet: 1,
  standard: 2,
  web: 10,
};
const UNCOUNTED = ['register', 'store'];

const NOT_PRODUCT = /\.test\.tsx?$|\.fixture\.ts$|\/testing\/|\/fixtures\/|vite\.config\.ts$|\.d\.ts$/;

/** Lines with a cast: `x as T` and `<T>x`, but not `as const`, which claims nothing. */
function castsIn(path: string, code: string): number[] {
  // Reading every file as a syntax tree takes seconds; most have no word that could be one.
  if (!/\bas\s+(?!const\b)|<\w+>/.test(code.replace(/^import .*$/gm, ''))) return [];
  const lines: number[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('type' in node && (node.type === 'TSAsExpression' || node.type === 'TSTypeAssertion'))
      if (!JSON.stringify('typeAnnotation' in node ? node.typeAnnotation : null).includes('"name":"const"'))
        lines.push(code.slice(0, 'start' in node ? Number(node.start) : 0).split('\n').length);
    for (const child of Object.values(node)) walk(child);
  };
  const parsed = parseSync(path, code, { lang: path.endsWith('x') ? 'tsx' : 'ts' });
  expect(parsed.errors, path).toEqual([]);
  walk(parsed.program);
  return lines;
}

test('no part has more casts than are written here', () => {
  const src = join(ROOT, 'src');
  const counted: Record<string, number> = {};
  let files = 0;
  for (const found of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    const path = found.split(sep).join('/');
    if (!/\.tsx?$/.test(path) || NOT_PRODUCT.test(path)) continue;
    const part = path.includes('/') ? path.split('/')[0]! : '';
    if (UNCOUNTED.includes(part)) continue;
    files += 1;
    const casts = castsIn(path, readFileSync(join(src, path), 'utf8')).length;
    if (casts > 0) counted[part] = (counted[part] ?? 0) + casts;
  }
  expect(files).toBeGreaterThan(300);
  const more = Object.keys(counted).filter((part) => counted[part]! > (MOST[part] ?? 0));
  expect(more.map((part) => `src/${part}: ${counted[part]} casts, at most ${MOST[part] ?? 0}`)).toEqual([]);
});

test('the count sees what it is for', () => {
  expect(
    castsIn('a.ts', "const a = 1 as unknown as string;\nconst b = <string>c;\nconst d = ['x'] as const;"),
  ).toEqual([1, 1, 2]);
  expect(
    castsIn('a.tsx', "// x as T\nconst t = 'as string' + (u as string);\nimport { v as w } from 'v';"),
  ).toEqual([2]);
});
