import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { isJsonObject, parseJson } from '../../base/json.ts';
import { messageOf } from '../../base/thrown.ts';
import { CliError, shown } from '../terminal.ts';

/** One piece of evidence as a manifest tells it. */
export interface Line {
  file?: string;
  reference?: string | undefined;
  for: string[];
  claim?: string | undefined;
  title?: string | undefined;
  coversFrom?: string | undefined;
  coversTo?: string | undefined;
  captured?: string | undefined;
  holdsUntil?: string | undefined;
  supersedes?: string | undefined;
}

const COLUMNS = [
  'file',
  'reference',
  'for',
  'claim',
  'title',
  'coversFrom',
  'coversTo',
  'captured',
  'holdsUntil',
  'supersedes',
] as const;
const NAMES = ['manifest.csv', 'manifest.json'];

/** The lines of a folder's manifest, files by where they lie; undefined where the path is no folder. Throws CliError naming the line. */
export async function manifestOf(path: string): Promise<Line[] | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) return undefined;
  for (const name of NAMES) {
    const bytes = await readFile(join(path, name)).catch(() => undefined);
    if (bytes) return linesOf(path, name, bytes);
  }
  throw new CliError(
    `${shown(path)} has no manifest. Put a manifest.csv into it, whose first line names the columns: ${COLUMNS.join(',')}; "for" takes several numbers with blanks between them.`,
  );
}

function linesOf(folder: string, name: string, bytes: Buffer): Line[] {
  const rows = name.endsWith('.csv') ? csvRows(name, bytes) : jsonRows(name, bytes);
  if (rows.length === 0) throw new CliError(`${name} names no file.`);
  return rows.map((row, i) => lineOf(folder, `${name}, entry ${i + 1}`, row));
}

function csvRows(name: string, bytes: Buffer): Record<string, unknown>[] {
  try {
    return parse(bytes, {
      bom: true,
      columns: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count_less: true,
    });
  } catch (error) {
    if (error instanceof CsvError) throw new CliError(`${name} cannot be read: ${messageOf(error)}`);
    throw error;
  }
}

function jsonRows(name: string, bytes: Buffer): Record<string, unknown>[] {
  try {
    const said = parseJson(bytes);
    if (Array.isArray(said) && said.every(isJsonObject)) return said;
  } catch (error) {
    throw new CliError(`${name} cannot be read: ${messageOf(error)}`);
  }
  throw new CliError(`${name}: expected a list of objects.`);
}

function lineOf(folder: string, place: string, row: Record<string, unknown>): Line {
  const unknown = Object.keys(row).filter((n) => !COLUMNS.some((c) => c === n));
  if (unknown.length > 0)
    throw new CliError(
      `${place}: ${shown(unknown.join(', '))}: not known; columns are ${COLUMNS.join(', ')}.`,
    );
  const said = (name: (typeof COLUMNS)[number]) => String(row[name] ?? '').trim() || undefined;
  const file = said('file');
  const reference = said('reference');
  if ((file === undefined) === (reference === undefined))
    throw new CliError(`${place}: name a file or a reference, one of them.`);
  const refs = Array.isArray(row.for)
    ? row.for.map(String)
    : (said('for') ?? '').split(/[\s,;]+/).filter(Boolean);
  return {
    ...(file === undefined ? { reference } : { file: within(folder, place, file) }),
    for: refs,
    claim: said('claim'),
    title: said('title'),
    coversFrom: said('coversFrom'),
    coversTo: said('coversTo'),
    captured: said('captured'),
    holdsUntil: said('holdsUntil'),
    supersedes: said('supersedes'),
  };
}

/** A manifest of somebody else must not hand in files that lie elsewhere on this machine. */
function within(folder: string, place: string, file: string): string {
  const path = resolve(folder, file);
  if (relative(folder, path).startsWith('..') || relative(folder, path) === '')
    throw new CliError(`${place}: ${shown(file)} lies outside the folder.`);
  return path;
}
