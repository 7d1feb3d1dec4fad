import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { ROOT } from '../support/root.ts';

/** The compiler's errors by file below src/, when these names get another ending in the files of one part alone. */
export function refusedWhere(part: string, names: readonly string[]): Map<string, string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'aims-renamed-'));
  try {
    cpSync(join(ROOT, 'src'), join(copy, 'src'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
    cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
    const config: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
    const less = { include: ['src'], exclude: ['src/**/*.test.ts', 'src/**/testing/**', 'src/demo/**'] };
    writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ ...config, ...less }));
    const named = new RegExp(`\\b(${names.join('|')})\\b`, 'g');
    for (const file of readdirSync(join(copy, 'src', part))) {
      const path = join(copy, 'src', part, file);
      if (file.endsWith('.ts')) writeFileSync(path, readFileSync(path, 'utf8').replace(named, '$1Renamed'));
    }
    return errorsIn(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function errorsIn(copy: string): Map<string, string[]> {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const ran = spawnSync(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', copy], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const errors = new Map<string, string[]>();
  for (const [, file, what] of ran.stdout.matchAll(/^(\S+?)\(\d+,\d+\): error (.*)$/gm)) {
    const path = file!
      .split(sep)
      .join('/')
      .replace(/^.*\bsrc\//, '');
    errors.set(path, [...(errors.get(path) ?? []), what!]);
  }
  return errors;
}

/** Files of these parts that say the name: as a property, in a list, or in quotation marks. */
export function filesNaming(name: string, parts: readonly string[]): string[] {
  const said = new RegExp(`['"]${name}['"]|\\.${name}\\b(?!\\()|(?<![\\w.])${name}:|[{,]\\s*${name}\\s*[,}]`);
  return parts
    .flatMap((part) =>
      readdirSync(join(ROOT, 'src', part), { recursive: true, encoding: 'utf8' })
        .map((file) => `${part}/${file.split(sep).join('/')}`)
        .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|\/testing\/|\.d\.ts$/.test(file)),
    )
    .filter((file) => {
      const code = readFileSync(join(ROOT, 'src', file), 'utf8').replace(
        /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm,
        '',
      );
      return said.test(code);
    });
}
