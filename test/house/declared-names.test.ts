import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { registry } from '../../src/registers/index.ts';
import { ROOT } from '../support/root.ts';

/**
 * Names of fields, links, derived values, states and steps are written where the compiler compares them with the declarations. Texts hide names from
 * it: statements take theirs from `named`, addresses of lists are made by `getRecords`.
 */
const NOT_PRODUCT = /\.test\.tsx?$|\.fixture\.ts$|\/testing\/|\/fixtures\/|\.d\.ts$/;

function sourcesIn(...parts: string[]): { path: string; text: string }[] {
  const found = parts.flatMap((part) =>
    readdirSync(join(ROOT, 'src', part), { recursive: true, encoding: 'utf8' })
      .map((name) => `${part}/${name.split(sep).join('/')}`)
      .filter((path) => /\.tsx?$/.test(path) && !NOT_PRODUCT.test(path)),
  );
  return found.map((path) => ({ path, text: readFileSync(join(ROOT, 'src', path), 'utf8') }));
}

/** A name in quotation marks, or a list of them in brackets, where a statement means one of a declaration. */
const WRITTEN: readonly RegExp[] = [
  /(?:"values"|'values'|\bvalues|\bvalue|\bderived) *(?:->>?|\?[|&]?|-) *(?:array\[)?'(\w+)'/g,
  /(?<!this)\.name (?:=|<>|in|not in) \(?'(\w+)'/g,
  /\b(?:state|transition) (?:=|<>|in|not in) \(?'(\w+)'/g,
];

/** What is no name of a declaration: parts of an entry of the log, and of what a version says. */
const OTHER = new Set(['c', 'for', 'values']);

const writtenIn = (text: string): string[] =>
  WRITTEN.flatMap((pattern) => [...text.matchAll(pattern)].map((m) => m[1]!)).filter((n) => !OTHER.has(n));

test('no statement writes out a field, a link, a derived value, a state or a step', () => {
  const sources = sourcesIn('app', 'store', 'identity');
  expect(sources.length).toBeGreaterThan(150);
  expect(sources.flatMap((s) => writtenIn(s.text).map((name) => `src/${s.path}: ${name}`))).toEqual([]);
  const taken = sources.flatMap((s) => s.text.match(/\bnamed\.\w+\.\w+\(/g) ?? []);
  expect(taken.length).toBeGreaterThan(200);
});

test('the check sees what it is for', () => {
  expect(writtenIn(`and r."values"->>'kind' = 'x' and coalesce(p."values"->'roles', '[]')`)).toEqual([
    'kind',
    'roles',
  ]);
  expect(writtenIn(`where "values" ? 'mentions' and r.derived->>'level' > 3`)).toEqual(['mentions', 'level']);
  expect(writtenIn(`k.name = 'release' and a.state in ('draft', 'sent')`)).toEqual(['release', 'draft']);
  expect(writtenIn(`v.transition = 'fix'`)).toEqual(['fix']);
  expect(writtenIn(`error.name === 'x'; this.name = 'Failure'; r.state === 'open'`)).toEqual([]);
});

test('a list of one register is asked for by what its declaration knows, not by a text', () => {
  const sources = sourcesIn('web', 'cli').filter((s) => s.path !== 'web/api/asked.ts');
  const names = registry.all.map((r) => r.name).join('|');
  const texts = sources.flatMap((s) =>
    [...s.text.matchAll(new RegExp(`/(?:${names})\\?[^\`'"]*`, 'g'))].map((m) => `src/${s.path}: ${m[0]}`),
  );
  expect(texts).toEqual([]);
  expect(sources.filter((s) => s.text.includes('getRecords(')).length).toBeGreaterThan(6);
});

test('a special view takes the records of the register that its folder is named after', () => {
  const views = sourcesIn('web/views').filter((s) => /^web\/views\/[^/]+\/([^/]+\.)?view\.tsx$/.test(s.path));
  expect(views.length).toBeGreaterThan(10);
  for (const { path, text } of views) {
    const register = path
      .split('/')
      .at(-2)!
      .replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());
    expect(registry.find(register), path).toBeDefined();
    expect(text, path).toMatch(new RegExp(`View\\b[^;]*ViewProps<Registers\\['${register}'\\]>`));
  }
});
