// npm run generate: writes docs/reference/ from the declarations, and what references begin with and what columns the first tables had into the verifiers. `--check` only compares, for CI.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listed } from '../src/actions/commands.ts';
import { modules } from '../src/actions/modules.ts';
import { FAILURES } from '../src/base/failure.ts';
import { FAILURE_WORDS } from '../src/base/failure-words.ts';
import { EXIT, EXIT_MEANS } from '../src/cli/terminal.ts';
import { FIRST_COLUMNS } from '../src/pack/first-release.ts';
import {
  coverageMarkdown,
  documentedMarkdown,
  errorsMarkdown,
  permissionsMarkdown,
  registerMarkdown,
} from '../src/register/reference.ts';
import { registry } from '../src/registers/index.ts';
import { clauses, controls } from '../src/standard/clauses.ts';
import { documentedInformation } from '../src/standard/documents.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'docs', 'reference');
const keysOf = <T extends object>(o: T) => Object.keys(o) as (keyof T)[];
const files: Record<string, string> = {
  'errors.md': errorsMarkdown(
    keysOf(FAILURES).map((code) => [code, FAILURES[code], ...FAILURE_WORDS[code]] as const),
    keysOf(EXIT).map((name) => [EXIT[name], EXIT_MEANS[name]] as const),
  ),
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
/** [a file, what its block is called, the block]. */
const BLOCKS: [string, string, string][] = [
  ['verifiers/audit.py', 'prefixes', `PREFIXES = {\n${lines('    ', (n, p) => `"${n}": "${p}"`)}}\n`],
  [
    'verifiers/audit.go',
    'prefixes',
    `var prefixes = map[string]string{\n${lines('\t', (n, p) => `"${n}": "${p}"`)}}\n\n`,
  ],
  [
    'src/web/verifier/prefixes.ts',
    'prefixes',
    `export const PREFIXES: Readonly<Record<string, string>> = {\n${prefixed.map(([n, p]) => `  ${n}: '${p}',\n`).join('')}};\n`,
  ],
  ['verifiers/audit.py', 'columns', `COLUMNS = """${FIRST_COLUMNS}"""\n`],
  ['verifiers/audit.go', 'columns', `const firstColumns = \`${FIRST_COLUMNS}\`\n\n`],
  ['src/web/verifier/first-release.ts', 'columns', `const COLUMNS = \`${FIRST_COLUMNS}\`;\n`],
];
const written: Record<string, { text: string; fresh: string }> = {};
for (const [name, what, block] of BLOCKS) {
  const text = written[name]?.text ?? readFileSync(join(root, name), 'utf8');
  const before = written[name]?.fresh ?? text;
  const place = new RegExp(`(${what}: begin[^\\n]*\\n).*?((?:#|//) ${what}: end)`, 's');
  if (!place.test(before)) throw new Error(`${name} has no place for ${what}`);
  written[name] = { text, fresh: before.replace(place, (_, a: string, b: string) => a + block + b) };
}

/** Every command that an action declares: the command line says what there is without loading an action. */
const COMMANDS = 'src/actions/commands.json';
const commands = (
  await Promise.all(Object.entries(modules).map(async ([from, load]) => listed(from, await load())))
).flat();
written[COMMANDS] = {
  text: readFileSync(join(root, COMMANDS), 'utf8'),
  fresh: `${JSON.stringify(commands, null, 2)}\n`,
};

/** What was released; a line for each release, added when it is made. */
const RELEASED: [string, string, string][] = [
  ['0.1.0', 'verifiers/audit.py', 'e1e9aa02152e98e37ad8d87024cb5e6916af7c00561be98a8711c07bde051988'],
  ['0.1.0', 'verifiers/audit.go', 'c5cd7ceba647b7d490859408dacf1204a778b9f935ea737bcb95316f2f1e4052'],
];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const digestOf = (name: string) => sha256(written[name]!.fresh);
files['verifiers.md'] = `# Digests of the verifiers

A pack brings the programs that check it, and whoever made the pack could have changed them. Take them from here, or compare before you run them:

\`\`\`sh
sha256sum verifiers/audit.py verifiers/audit.go
\`\`\`

| Release | File | SHA-256 |
| --- | --- | --- |
${[['this one', 'verifiers/audit.py', digestOf('verifiers/audit.py')], ['this one', 'verifiers/audit.go', digestOf('verifiers/audit.go')], ...RELEASED].map((r) => `| ${r[0]} | \`${r[1]}\` | \`${r[2]}\` |`).join('\n')}

The page \`verify.html\` is built from \`src/web/verifier\`: \`npm ci && npm run build && sha256sum dist/web-verifier/verify.html\`. Generated by
\`npm run generate\`; \`npm run check\` fails when it is not fresh.
`;

if (process.argv.includes('--check')) {
  const there = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.md')) : [];
  const stale = Object.entries(files).filter(
    ([n, text]) => !there.includes(n) || readFileSync(join(folder, n), 'utf8') !== text,
  );
  const extra = there.filter((n) => !(n in files));
  const old = Object.entries(written).flatMap(([name, w]) => (w.text === w.fresh ? [] : [name]));
  if (old.length > 0) {
    console.error(`${old.join(', ')} are not fresh; run npm run generate`);
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
