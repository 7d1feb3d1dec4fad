import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ROOT } from './root.ts';

/** A source of the product: no tests, no fixtures, no build configuration. */
export interface Source {
  /** Path below src/, with forward slashes. */
  path: string;
  part: string;
  text: string;
  /** Text without comments, so that an example in one is not taken for code. */
  code: string;
  imports: { what: string; types: boolean }[];
}

const NOT_PRODUCT = /\.test\.tsx?$|\.fixture\.ts$|\/testing\/|\/fixtures\/|vite\.config\.ts$|\.d\.ts$/;
const src = join(ROOT, 'src');

/** Every source of the product, as it stands. */
export function readSources(): Source[] {
  const all = readdirSync(src, { recursive: true, encoding: 'utf8' }).map((p) => p.split(sep).join('/'));
  return all
    .filter((p) => /\.tsx?$/.test(p) && !NOT_PRODUCT.test(p))
    .map((path) => {
      const text = readFileSync(join(src, path), 'utf8');
      const code = withoutComments(text);
      return {
        path,
        part: path.includes('/') ? path.split('/')[0]! : '',
        text,
        code,
        imports: importsOf(code),
      };
    });
}

function withoutComments(text: string): string {
  // Strings and templates are matched first and kept: `//` within one begins no comment.
  return text.replace(
    /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*/g,
    (_, kept: string | undefined) => kept ?? '',
  );
}

function importsOf(code: string): Source['imports'] {
  const found: Source['imports'] = [];
  for (const m of code.matchAll(
    /\b(?:import|export)\s+(type\s+)?(?:[\w$*{][^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/g,
  )) {
    const clause = m[0];
    const named = /\{([^}]*)\}/.exec(clause)?.[1];
    const onlyTypes =
      named?.split(',').every((n) => n.trim() === '' || n.trim().startsWith('type ')) ?? false;
    const alone = /^(import|export)\s*\{/.test(clause);
    found.push({ what: m[2]!, types: m[1] !== undefined || (alone && onlyTypes) });
  }
  for (const m of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ what: m[1]!, types: false });
  return found;
}
