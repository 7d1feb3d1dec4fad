import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { registry } from '../../src/registers/index.ts';
import { ROOT } from '../support/root.ts';
import { readSources, type Source } from '../support/sources.ts';
import { ENVIRONMENT, LAYERS, layersMarkdown, TOP } from './layers.ts';

const src = join(ROOT, 'src');
let sources: Source[] = [];
let imports = 0;

beforeAll(() => {
  sources = readSources();
  imports = sources.reduce((n, s) => n + s.imports.length, 0);
});

/** The part a relative import leads to: '' for a file directly in src/, undefined for one outside it. */
function partOf(from: Source, what: string): string | undefined {
  const target = relative(src, join(src, from.path, '..', what))
    .split(sep)
    .join('/');
  if (target.startsWith('..')) return undefined;
  return target.includes('/') ? target.split('/')[0] : '';
}

const packageOf = (what: string): string =>
  what.startsWith('@')
    ? what.split('/').slice(0, 2).join('/')
    : what.startsWith('node:')
      ? what
      : what.split('/')[0]!;

describe('parts', () => {
  test('the table names every part there is, and none that is not', () => {
    const parts = [...new Set(sources.map((s) => s.part))].filter(Boolean).sort();
    expect(parts.length).toBeGreaterThan(10);
    expect(LAYERS.map((l) => l.part).sort()).toEqual(parts);
    expect(
      sources
        .filter((s) => s.part === '')
        .map((s) => s.path)
        .sort(),
    ).toEqual([...TOP].sort());
  });

  test('no part is allowed to import one that comes after it', () => {
    const order = LAYERS.map((l) => l.part);
    const wrong = LAYERS.flatMap((l, i) =>
      l.parts
        .filter((p) => !order.slice(0, i).includes(p.replace(' (types)', '')))
        .map((p) => `${l.part} -> ${p}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every import keeps to the table', () => {
    const wrong: string[] = [];
    for (const s of sources.filter((x) => x.part !== '')) {
      const layer = LAYERS.find((l) => l.part === s.part);
      for (const i of s.imports) {
        const allowed =
          layer !== undefined &&
          (i.what.startsWith('.') ? mayPart(s, layer.parts, i) : mayPackage(layer.packages, i.what));
        if (!allowed) wrong.push(`src/${s.path} imports ${i.what}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(imports).toBeGreaterThan(500);
  });

  test('every package that the table allows is imported somewhere in that part', () => {
    const unused = LAYERS.flatMap((l) =>
      l.packages
        .filter(
          (p) => !sources.some((s) => s.part === l.part && s.imports.some((i) => mayPackage([p], i.what))),
        )
        .map((p) => `${l.part}: ${p}`),
    );
    expect(unused).toEqual([]);
  });

  test('the table in ARCHITECTURE.md is this one', () => {
    const path = join(ROOT, 'ARCHITECTURE.md');
    expect(existsSync(path), 'ARCHITECTURE.md is missing').toBe(true);
    const block = /<!-- layers -->[\s\S]*<!-- \/layers -->/.exec(readFileSync(path, 'utf8'))?.[0];
    expect(block).toBe(layersMarkdown());
  });
});

function mayPart(s: Source, parts: readonly string[], i: { what: string; types: boolean }): boolean {
  const to = partOf(s, i.what);
  if (to === undefined) return i.what.endsWith('/package.json');
  return to === s.part || parts.includes(to) || (i.types && parts.includes(`${to} (types)`));
}

function mayPackage(packages: readonly string[], what: string): boolean {
  // A style sheet is no code.
  if (what.endsWith('.css')) return true;
  const name = packageOf(what);
  return packages.includes(name) || (name.startsWith('node:') && packages.includes('node:*'));
}

/** Folders with rooms of their own, as the tree in ARCHITECTURE.md names them below each: `app: write, read, ...`. */
function roomsTold(): Map<string, string[]> {
  const tree = /## The tree\n```\n([\s\S]*?)```/.exec(
    readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'),
  )![1]!;
  const told = new Map<string, string[]>();
  let above = '';
  for (const line of tree.split('\n')) {
    const [, indented, names] = /^( *)(\S.*?)(?: {2,}|$)/.exec(line) ?? [];
    if (!names) continue;
    if (indented === '') above = names.replace(/\/$/, '');
    else
      told.set(above, [...(told.get(above) ?? []), ...names.split(', ').map((n) => n.replace(/\/.*/, ''))]);
  }
  return told;
}

test('the tree in ARCHITECTURE.md is the tree', () => {
  const told = roomsTold();
  expect([...told.keys()]).toEqual(['src/store', 'src/app', 'src/cli', 'src/web', 'test']);
  for (const [folder, rooms] of told) {
    const there = readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((e) => e.isDirectory() && !['testing', 'public'].includes(e.name))
      .map((e) => e.name);
    expect(rooms.toSorted(), folder).toEqual(there.toSorted());
  }
});

test('files and folders are named in lower case, with hyphens', () => {
  const named = ['src', 'test', 'bench', 'tools'].flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' }).map(
      (p) => `${top}/${p.split(sep).join('/')}`,
    ),
  );
  expect(named.length).toBeGreaterThan(900);
  expect(
    named.filter((p) => !/^[a-z0-9.-]+$/.test(p.split('/').at(-1)!) && !p.endsWith('/README.md')),
  ).toEqual([]);
});

test('only the named files read the environment', () => {
  const readers = sources.filter((s) =>
    /\bprocess\s*\.\s*env\b|\bprocess\[|\benv\s*\}\s*=\s*process\b|import\.meta\.env/.test(s.code),
  );
  expect(readers.map((s) => s.path).sort()).toEqual(Object.keys(ENVIRONMENT).sort());
});

/**
 * Shared code asks the declaration, never which register it has; code that works with one names it by its declaration,
 * `registers.risk.name`. Exempt: the special views, one folder per register, and the pages of a step, which put registers together. A name that is also something
 * else in this code (a kind of field, of actor, of trust, a command of the log; a link or a step in a file that works with single registers) counts only where a
 * register is meant.
 */
describe('register names in shared code', () => {
  const names = registry.all.map((r) => r.name);
  const links = new Set(registry.all.flatMap((r) => Object.keys(r.links)));
  const alsoKinds = new Set(['person', 'apiKey', 'audit']);
  const meantAsRegister = (name: string) =>
    new RegExp(
      `(?:registry\\.(?:get|find)\\(|\\bto: |\\bto [!=]== |\\bregister(?:\\.name)? ?(?:[!=]==|:|=) ?)['"]${name}['"]`,
    );

  /** The names that this source writes out, in the places where that is banned. */
  function written(source: Pick<Source, 'code' | 'imports'>): string[] {
    // The compiler knows the names of types, those that `named` gives and the paths of actions: a misspelt one is no register. In statements `k.name` is the name of
    // a link, the path of a problem is a field or link, and checks of the gate have ids.
    const s = {
      ...source,
      code: source.code.replace(
        /'(?:GET|POST|PATCH) [^']+'|\bRegisters\['\w+'\]|\bnamed\.\w+\.\w+\([^)]*\)|\bOf<'\w+'>|\b\w\.name = '\w+'|\bpath: '\/\w+'|\.id [!=]== '\w+'/g,
        '',
      ),
    };
    const special = s.imports.some((i) => /(^|\/)registers\/index\.ts$/.test(i.what));
    return names.filter((n) => {
      if (new RegExp(`/${n}(?=[/?\`'"])`).test(s.code.replace(/\b(?:from\s+|import\()['"][^'"]+['"]/g, '')))
        return true;
      if (alsoKinds.has(n) || (special && links.has(n))) return meantAsRegister(n).test(s.code);
      return new RegExp(`(?<![\\w-]=)['"\`]${n}['"\`]`).test(s.code);
    });
  }

  test('none is written out', () => {
    const shared = sources.filter(
      (s) =>
        ['register', 'store', 'app', 'api', 'cli', 'web'].includes(s.part) &&
        !/^web\/(views|pages\/(assure|govern|risk))\//.test(s.path),
    );
    expect(shared.length).toBeGreaterThan(100);
    expect(shared.flatMap((s) => written(s).map((n) => `src/${s.path}: ${n}`))).toEqual([]);
  });

  test('the check sees what it is for', () => {
    const one = (code: string, file?: string) =>
      written({ code, imports: file ? [{ what: file, types: false }] : [] });
    expect(one(`if (r.name === 'risk') more()`)).toEqual(['risk']);
    expect(one(`push({ ref, to: 'person' })`)).toEqual(['person']);
    expect(one(`f.kind === 'person'`)).toEqual([]);
    expect(one('get(`/api/criteria/`)')).toEqual(['criteria']);
    expect(one(`k.name = 'release'`, '../registers/index.ts')).toEqual([]);
    expect(one(`function f(r: Rec<Registers['risk']>) {}`)).toEqual([]);
    expect(one(`registry.get('release')`, '../registers/index.ts')).toEqual(['release']);
  });
});

describe('one door for writes', () => {
  /** Who imports this name of this file of the store, by value. */
  const importers = (name: string, file: string) =>
    sources
      .filter((s) =>
        new RegExp(`import [^;]*\\{[^}]*\\b(?<!type )${name}\\b[^}]*\\}\\s+from ['"][^'"]*${file}['"]`).test(
          s.code,
        ),
      )
      .map((s) => s.path);

  test('a plan is carried out in one place, and nothing else writes records', () => {
    expect(importers('write', 'store/records/write\\.ts')).toEqual(['app/write/plan.ts']);
    expect(importers('buildChange', 'change\\.ts')).toEqual(['app/write/plan.ts']);
    expect(sources.filter((s) => /\bwrite_records\b/.test(s.code)).map((s) => s.path)).toEqual([
      'store/records/write.ts',
    ]);
    expect(importers('carryOut', 'write/plan\\.ts').length).toBeGreaterThan(8);
  });

  test('the check sees an import of several names', () => {
    const code = `import { type Change, takeNumbers, write } from '../store/write.ts';`;
    expect(
      /import [^;]*\{[^}]*\b(?<!type )write\b[^}]*\}\s+from ['"][^'"]*store\/write\.ts['"]/.test(code),
    ).toBe(true);
  });
});

test('no source has more than 400 lines, unless its first line says why', () => {
  expect(sources.length).toBeGreaterThan(150);
  const long = sources.filter((s) => s.text.split('\n').length > 400 && !/^\/[/*].*\blong\b/i.test(s.text));
  expect(long.map((s) => `src/${s.path}: ${s.text.split('\n').length} lines`)).toEqual([]);
});

/** Files that no other one of the product imports: something begins there, or the reference pages are made of them. */
const BEGUN = [
  /^main\.ts$/,
  /^web\/main\.tsx$/,
  /^web\/verifier\/main\.ts$/,
  // Found by their names: `import.meta.glob` in web/views.
  /^web\/views\/[\w-]+\/(?:part|(?:[\w-]+\.)?view)\.tsx$/,
  /^web\/views\/[\w-]+\/[\w-]+\.label\.ts$/,
  // Read by tools/generate.
  /^base\/failure-words\.ts$/,
  /^register\/reference\.ts$/,
];

test('every file is imported by another one, or begins something', () => {
  const paths = new Set(sources.map((s) => s.path));
  const imported = new Set(
    sources.flatMap((s) =>
      s.imports
        .filter((i) => i.what.startsWith('.'))
        .map((i) =>
          relative(src, join(src, s.path, '..', i.what))
            .split(sep)
            .join('/'),
        ),
    ),
  );
  expect([...paths].filter((p) => imported.has(p)).length).toBeGreaterThan(500);
  const alone = [...paths].filter((p) => !imported.has(p));
  expect(alone.filter((p) => !BEGUN.some((r) => r.test(p)))).toEqual([]);
  expect(BEGUN.filter((r) => !alone.some((p) => r.test(p)))).toEqual([]);
});
