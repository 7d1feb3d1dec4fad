// npm run generate: writes docs/reference/ from the declarations, and what references begin with into the verifiers. `--check` only compares, for CI.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  coverageMarkdown,
  documentedMarkdown,
  permissionsMarkdown,
  registerMarkdown,
} from '../src/register/reference.ts';
import { registry } from '../src/registers/index.ts';
import { clauses, controls } from '../src/standard/clauses.ts';
import { documentedInformation } from '../src/standard/documents.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'docs', 'reference');
const files: Record<string, string> = {
  'permissions.md': permissionsMarkdown(registry),
  'coverage.md': coverageMarkdown(registry, [...clauses, ...controls]),
  'documented-information.md': documentedMarkdown(registry, documentedInformation),
  ...Object.fromEntries(registry.all.map((r) => [`register-${r.name}.md`, registerMarkdown(registry, r)])),
};

/** The verifiers share no code with the server; what references begin with is written into each. */
const prefixed = registry.all.map((r) => [r.name, r.prefix] as const).sort(([a], [b]) => (a < b ? -1 : 1));
const lines = (indent: string, pair: (name: string, prefix: string) => string): string => {
  const out = [''];
  for (const [name, prefix] of prefixed) {
    const next = `${pair(name, prefix)},`;
    if (out.at(-1)!.length + next.length > 105) out.push('');
    out.push(`${out.pop()}${next} `);
  }
  return out.map((l) => `${indent}${l.trimEnd()}\n`).join('');
};
const BLOCKS: Record<string, string> = {
  'verifiers/audit.py': `PREFIXES = {\n${lines('    ', (n, p) => `"${n}": "${p}"`)}}\n`,
  'verifiers/audit.go': `var prefixes = map[string]string{\n${lines('\t', (n, p) => `"${n}": "${p}"`)}}\n\n`,
  'src/web/verifier/prefixes.ts': `export const PREFIXES: Readonly<Record<string, string>> = {\n${prefixed.map(([n, p]) => `  ${n}: '${p}',\n`).join('')}};\n`,
};
const BLOCK = /(prefixes: begin[^\n]*\n).*?((?:#|\/\/) prefixes: end)/s;
const written = Object.fromEntries(
  Object.entries(BLOCKS).map(([name, block]) => {
    const text = readFileSync(join(root, name), 'utf8');
    if (!BLOCK.test(text)) throw new Error(`${name} has no place for prefixes`);
    return [name, { text, fresh: text.replace(BLOCK, (_, a: string, b: string) => a + block + b) }];
  }),
);

if (process.argv.includes('--check')) {
  const there = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.md')) : [];
  const stale = Object.entries(files).filter(
    ([n, text]) => !there.includes(n) || readFileSync(join(folder, n), 'utf8') !== text,
  );
  const extra = there.filter((n) => !(n in files));
  const old = Object.entries(written).flatMap(([name, w]) => (w.text === w.fresh ? [] : [name]));
  if (old.length > 0) {
    console.error(`${old.join(', ')} do not know what references begin with; run npm run generate`);
    process.exitCode = 1;
  }
  if (stale.length + extra.length > 0) {
    console.error(
      `docs/reference is not fresh (${[...stale.map(([n]) => n), ...extra].join(', ')}); run npm run generate`,
    );
    process.exitCode = 1;
  }
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  for (const [name, w] of Object.entries(written))
    if (w.text !== w.fresh) writeFileSync(join(root, name), w.fresh);
  console.log(`wrote ${Object.keys(files).length} files to docs/reference`);
}
