// npm run generate: writes docs/reference/ from the declarations. `--check` only compares, for CI.
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

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'reference');
const files: Record<string, string> = {
  'permissions.md': permissionsMarkdown(registry),
  'coverage.md': coverageMarkdown(registry, [...clauses, ...controls]),
  'documented-information.md': documentedMarkdown(registry, documentedInformation),
  ...Object.fromEntries(registry.all.map((r) => [`register-${r.name}.md`, registerMarkdown(registry, r)])),
};

if (process.argv.includes('--check')) {
  const there = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.md')) : [];
  const stale = Object.entries(files).filter(
    ([n, text]) => !there.includes(n) || readFileSync(join(folder, n), 'utf8') !== text,
  );
  const extra = there.filter((n) => !(n in files));
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
  console.log(`wrote ${Object.keys(files).length} files to docs/reference`);
}
