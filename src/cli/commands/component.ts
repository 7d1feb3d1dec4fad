import type { Command } from 'commander';
import type { Proposal, Proposed } from '../../answers/components.ts';
import type { FieldOf, LinkOf } from '../../register/rec.ts';
import type { component } from '../../registers/component.ts';
import { type Context, withConnection } from '../context.ts';
import { readGiven } from '../files.ts';
import { CliError, shown } from '../terminal.ts';

/** Reading a long file may take this long, in milliseconds. */
const LONG = 300_000;

/** `component propose` and `component adopt`. */
export function addComponentCommands(context: Context, group: Command): void {
  addPropose(context, group);
}

function addPropose(context: Context, group: Command): void {
  const command = group
    .command('propose')
    .description(
      'Read a CycloneDX bill of materials or a model card and say which components it describes, and which of them are known. Nothing is stored unless --take names what to take over. Exit code: 0 read, 1 refused, 2 error.',
    )
    .argument('<file>', 'JSON or Markdown file, "-" for standard input')
    .option('--system <SYS-0001>', 'AI system they are part of')
    .option('--take <keys...>', 'keys of the components to take over; "all" for every one that is not known')
    .option('--json', 'the answer as JSON');
  withConnection(command);
  command.action(async (file: string, o: { system?: string; take?: string[]; json?: true }) => {
    const { name, bytes } = await readGiven(context.io, file);
    const client = await context.client(command);
    const proposed = await client.ask('POST component/propose', { fileName: name }, bytes, {
      type: 'application/octet-stream',
      wait: LONG,
    });
    if (!proposed.accepted) context.negative();
    if (!o.take || !proposed.accepted) {
      if (o.json) return context.terminal.json(proposed);
      showProposed(context, proposed);
      if (o.system && proposed.accepted && !o.take)
        context.terminal.note('Nothing was stored. Name what to take over with --take, such as --take all.');
      return;
    }
    const chosen = chosenOf(proposed, o.take);
    const done = await client.ask(
      'POST component/adopt',
      {},
      { ...(o.system ? { system: o.system } : {}), components: chosen },
      { wait: LONG },
    );
    if (o.json) return context.terminal.json(done);
    for (const c of done.created) context.terminal.line(`${shown(c.ref)} created from ${shown(c.key)}`);
    for (const c of done.linked) context.terminal.line(`${shown(c.ref)} linked to ${shown(o.system)}`);
    if (done.created.length + done.linked.length === 0)
      context.terminal.line('Nothing to do: all are there.');
  });
}

function showProposed(context: Context, p: Proposed): void {
  const t = context.terminal;
  for (const f of p.findings)
    t.note(`${f.severity}: ${shown(f.message)}${f.location ? ` (${shown(f.location)})` : ''}`);
  for (const c of p.components) {
    const facts = [c.kind, c.version, c.licence ?? 'no licence named'].filter(Boolean).map((x) => shown(x));
    t.line(`${t.colour.bold(shown(c.name))}: ${facts.join(', ')}`);
    t.line(
      `  key ${shown(c.key)}${c.derivedFrom.length > 0 ? `, derived from ${shown(c.derivedFrom.join(', '))}` : ''}`,
    );
    if (c.repeats) t.line(`  stands in the file twice, as ${shown(c.repeats)}`);
    for (const k of c.known) t.line(`  perhaps ${shown(k.ref)} ${shown(k.title)} (same ${shown(k.how)})`);
  }
}

/** The proposals that were named, as the server takes them; what is surely known is used, not made again. */
function chosenOf(p: Proposed, take: readonly string[]) {
  const all = take.length === 1 && take[0] === 'all';
  const unknown = all ? [] : take.filter((key) => !p.components.some((c) => c.key === key));
  if (unknown.length > 0)
    throw new CliError(
      `There is no component with the key ${unknown[0]} in the file; run it without --take to see the keys.`,
    );
  const sure = (c: Proposal) => c.known.find((k) => k.how !== 'near')?.ref;
  const chosen = p.components.filter((c) => !c.repeats && (all || take.includes(c.key)));
  const byKey = new Map(p.components.map((c) => [c.key, c]));
  const meant = (key: string): string[] => {
    const c = byKey.get(key);
    if (!c) return [];
    if (c.repeats) return meant(c.repeats);
    return [sure(c) ?? (chosen.includes(c) ? c.key : [])].flat();
  };
  return chosen.map((c) => {
    const use = sure(c);
    if (use) return { key: c.key, use };
    const { version, supplierRef, name, kind, digest, source, licence, rights, provenance, quality } = c;
    const given = {
      name,
      kind,
      componentVersion: version,
      digest,
      source,
      licence,
      rights,
      provenance,
      quality,
      supplier: supplierRef ? [supplierRef] : null,
    } satisfies Partial<Record<FieldOf<typeof component> | LinkOf<typeof component>, unknown>>;
    return {
      key: c.key,
      values: Object.fromEntries(Object.entries(given).filter(([, v]) => v !== null && v !== undefined)),
      derivedFrom: [...new Set(c.derivedFrom.flatMap(meant))],
    };
  });
}
