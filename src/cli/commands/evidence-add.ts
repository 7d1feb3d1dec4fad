import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { Added } from '../../answers/evidence.ts';
import type { Client } from '../client.ts';
import { type Context, withConnection } from '../context.ts';
import { readStdin, reason } from '../files.ts';
import { RefusedRequest } from '../problem.ts';
import { CliError, shown } from '../terminal.ts';
import { type Line, manifestOf } from './evidence-manifest.ts';
import { inspectionText } from './evidence-text.ts';

/** An upload may take this long, in milliseconds. */
export const UPLOAD = 900_000;

interface Options extends Omit<Line, 'file' | 'for'> {
  for?: string[];
  release?: string;
  fileName?: string;
  json?: true;
}

const gathered = (one: string, before: string[] = []): string[] => [...before, one];

/** Adds `add` to the group of the evidence register. */
export function addAdd(context: Context, group: Command): void {
  const command = group
    .command('add')
    .description(
      'Hand in a file of any kind as evidence, or a folder with a manifest (manifest.csv or manifest.json: file, for, claim …), or what another system keeps (--reference). What is there already is told, and is no error. Exit code: 0 taken or there already, 1 a test report is refused, 2 error.',
    )
    .argument('[file]', 'file, folder with a manifest, "-" for standard input')
    .option('--for <ref>', 'record that it supports, such as CTL-0007; may be given several times', gathered)
    .option(
      '--release <REL-0001>',
      'release that a test report is of; a file that is no test report is refused',
    )
    .option('--claim <text>', 'what it shows')
    .option('--title <text>', 'title of the evidence')
    .option('--covers-from <day>', 'first day it covers')
    .option('--covers-to <day>', 'last day it covers')
    .option('--captured <day>', 'day on which it was captured')
    .option('--holds-until <day>', 'last day on which it supports anything')
    .option('--supersedes <EVD-0001>', 'evidence of which it is a newer version')
    .option('--reference <text>', 'instead of a file: an address, or system and number there')
    .option('--file-name <name>', 'name to store for standard input')
    .option('--json', 'the answer as JSON');
  withConnection(command);
  command.action(async (file: string | undefined, o: Options) => {
    if ((file === undefined) === (o.reference === undefined))
      throw new CliError('Give a file, a folder with a manifest, or --reference.');
    const client = await context.client(command);
    const lines = file === undefined ? undefined : await manifestOf(resolve(context.io.cwd, file));
    try {
      const added = lines
        ? await addAll(context, client, lines, o)
        : [await addOne(context, client, { ...o, file })];
      if (o.json) context.terminal.json(lines ? added : added[0]);
      else for (const one of added) showAdded(context, one, lines === undefined);
    } catch (error) {
      // A refused file is a verdict about the file, not a failure of the command.
      if (!(error instanceof RefusedRequest) || error.code !== 'EVIDENCE_REFUSED') throw error;
      context.negative();
      if (o.json) context.terminal.json(error.body);
      else context.terminal.note(error.message);
    }
  });
}

/** Each line of a manifest after the other: run again, those before a fault are there already. */
async function addAll(
  context: Context,
  client: Client,
  lines: readonly Line[],
  o: Options,
): Promise<Added[]> {
  const done: Added[] = [];
  for (const [i, line] of lines.entries()) {
    try {
      done.push(await addOne(context, client, { ...o, ...line, for: [...(o.for ?? []), ...line.for] }));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      context.terminal.note(
        `${shown(line.file ?? line.reference ?? '')}: line ${i + 1} of ${lines.length} of the manifest; ${done.length} before it are taken. Run it again when it is mended.`,
      );
      throw error;
    }
  }
  return done;
}

async function addOne(
  context: Context,
  client: Client,
  o: Options & { file?: string | undefined },
): Promise<Added> {
  const { file, reference, release, fileName } = o;
  const asked = {
    for: o.for?.join(','),
    title: o.title,
    claim: o.claim,
    coversFrom: o.coversFrom,
    coversTo: o.coversTo,
    captured: o.captured,
    holdsUntil: o.holdsUntil,
    supersedes: o.supersedes,
  };
  if (file === undefined) return client.ask('POST evidence/refer', { ...asked, reference });
  const upload = await uploadOf(context, file);
  return client.ask(
    'POST evidence/add',
    { ...asked, release, fileName: fileName ?? upload.name },
    upload.body,
    { type: 'application/octet-stream', headers: upload.headers, wait: UPLOAD },
  );
}

async function uploadOf(
  context: Context,
  file: string,
): Promise<{ name: string; body: Uint8Array | ReadableStream<Uint8Array>; headers: Record<string, string> }> {
  if (file === '-') return { name: 'stdin.json', body: await readStdin(context.io), headers: {} };
  const path = resolve(context.io.cwd, file);
  try {
    const handle = await open(path, 'r');
    const info = await handle.stat();
    await handle.close();
    if (!info.isFile()) throw new CliError(`${file} is not a file.`);
    const body = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    return { name: basename(path), body, headers: { 'content-length': String(info.size) } };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${file} cannot be read: ${reason(error)}.`);
  }
}

function showAdded(context: Context, a: Added, whole: boolean): void {
  const t = context.terminal;
  const { ref, title, values } = a.evidence;
  t.line(`${t.colour.bold(shown(ref))} ${shown(title)}: ${a.already ? 'there already' : 'stored'}.`);
  if (a.misnamed)
    t.line(
      t.colour.yellow(`Its name ends in ${shown(a.misnamed)}; its bytes are: ${shown(values.format ?? '')}.`),
    );
  if (a.testRun)
    t.line(`${t.colour.bold(shown(a.testRun.ref))} test run, counted again from the rows of the file.`);
  if (!whole) return;
  if (a.inspection) {
    t.line();
    t.line(inspectionText(t, String(values.fileName ?? title), a.inspection));
  }
  const trust = a.testRun?.values.trust ?? values.trust;
  t.line(`Trust: ${shown(trust ?? 'unknown')}${TRUST[String(trust)] ?? ''}`);
}

/** What the least trusted of them mean. */
const TRUST: Readonly<Record<string, string>> = {
  declared: ' (a reference; nobody here has seen what it leads to)',
  person: ' (uploaded by a person; nothing proves where it comes from)',
};
