import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { FilesChecked } from '../../answers/evidence.ts';
import { inspectEvidence, inspectionJson } from '../../evidence/inspect.ts';
import { evidence } from '../../registers/evidence.ts';
import { type Context, withConnection } from '../context.ts';
import { readGiven } from '../files.ts';
import { saveWhole } from '../save.ts';
import { CliError, shown } from '../terminal.ts';
import { addAdd, UPLOAD } from './evidence-add.ts';
import { inspectionText } from './evidence-text.ts';

/** Adds `inspect` (offline) and `add` to the group of the evidence register. */
export function addEvidenceCommands(context: Context, group: Command): void {
  group
    .command('inspect')
    .description(
      'Read a result file of a test tool, count its cases again and look for contradictions. Works without a server; nothing is stored. Exit code: 0 accepted, 1 refused, 2 could not be read.',
    )
    .argument('<file>', 'result file, "-" for standard input')
    .option('--json', 'the inspection as JSON')
    .action(async (file: string, o: { json?: true }) => {
      const { name, bytes } = await readGiven(context.io, file);
      const inspection = inspectionJson(inspectEvidence(bytes, { fileName: name }));
      if (!inspection.accepted) context.negative();
      if (o.json) context.terminal.json(inspection);
      else context.terminal.line(inspectionText(context.terminal, name, inspection));
    });
  addAdd(context, group);
  addFile(context, group);
  addCheckFiles(context, group);
}

function addFile(context: Context, group: Command): void {
  const command = withConnection(group.command('file'))
    .description(
      'Fetch the stored file of a piece of evidence, byte for byte. It is written only when it has the digest on record.',
    )
    .argument('<ref>', 'evidence, such as EVD-0001')
    .option('-o, --out <file>', 'file to write; the name it was handed in by unless given');
  command.action(async (ref: string, o: { out?: string }) => {
    const client = await context.client(command);
    const { values } = await client.record(evidence, ref);
    const digest = /^sha256:([0-9a-f]{64})$/.exec(values.file ?? '')?.[1];
    if (digest === undefined) throw new CliError(`${ref} has no stored file.`);
    // The name was somebody else's choice: it must not lead out of this folder, nor over a file that is here.
    const named = basename(values.fileName ?? '').replace(/[^\p{L}\p{N}._ -]/gu, '_');
    const out = o.out ?? (/^\.*$/.test(named) ? `${ref}.bin` : named);
    if (o.out === undefined && existsSync(resolve(context.io.cwd, out)))
      throw new CliError(`${out} is there already. Give another name with --out.`);
    const bytes = await saveWhole(
      context,
      await client.open('GET evidence/:ref/file', { ref }, undefined, { wait: UPLOAD }),
      out,
      digest,
    );
    context.terminal.line(`${shown(out)}: ${bytes} bytes, sha256:${digest} as on record.`);
  });
}

function addCheckFiles(context: Context, group: Command): void {
  const command = withConnection(group.command('check-files'))
    .description(
      'Compare every stored file with the digest on record. Exit code: 0 all are as they were, 1 some are gone or altered, 2 error.',
    )
    .option('--json', 'the answer as JSON');
  command.action(async (o: { json?: true }) => {
    const client = await context.client(command);
    let checked = 0;
    const damaged: FilesChecked['damaged'][number][] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: FilesChecked = await client.ask('GET evidence/files', { after }, undefined, {
        wait: UPLOAD,
      });
      checked += page.checked;
      damaged.push(...page.damaged);
      after = page.next;
    }
    if (damaged.length > 0) context.negative();
    if (o.json) return context.terminal.json({ checked, damaged });
    for (const one of damaged) context.terminal.line(shown(one.message));
    context.terminal.line(`${checked} files checked, ${damaged.length} gone or altered.`);
  });
}
