import type { Command } from 'commander';
import type { FieldOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import type { component } from '../../registers/component.ts';
import { type Context, withConnection } from '../context.ts';
import { shown } from '../terminal.ts';

const HOW: Readonly<Record<string, string>> = {
  digest: 'the same digest',
  name: 'the same name',
  near: 'a near name',
};

/** What tells things apart besides their name, as components have it. */
const VERSION = 'componentVersion' satisfies FieldOf<typeof component>;
const DIGEST = 'digest' satisfies FieldOf<typeof component>;

interface Options {
  componentVersion?: string;
  digest?: string;
  json?: true;
}

/** `similar`: which records may be the thing that is about to be entered, or that a record already is. */
export function addSimilarCommand(context: Context, group: Command, register: Register): void {
  const has = (field: FieldOf<typeof component>) => register.fields[field] !== undefined;
  const command = withConnection(
    group
      .command('similar')
      .description(
        `${register.label.many} that may be the same thing: same digest, same name, near name. Exit code: 0 none, 1 some, 2 error.`,
      )
      .argument('<name>', `what it is called, or a record such as ${register.prefix}-0001`),
  ).option('--json', 'the answer as JSON');
  if (has(VERSION)) command.option('--component-version <text>', 'its version');
  if (has(DIGEST)) command.option('--digest <digest>', 'its digest, such as sha256:…');
  command.action(async (what: string, o: Options) => {
    const client = await context.client(command);
    const self = new RegExp(`^${register.prefix}-\\d{4,}$`).test(what) ? what : undefined;
    const given = self
      ? await client
          .record(register, self)
          .then((r) => ({ name: r.title, version: r.values[VERSION], digest: r.values[DIGEST] }))
      : { name: what, version: undefined, digest: undefined };
    const text = (v: unknown) => (typeof v === 'string' && v !== '' ? v : undefined);
    const { items } = await client.ask('GET :register/similar', {
      register: register.name,
      name: given.name,
      version: o.componentVersion ?? text(given.version),
      digest: o.digest ?? text(given.digest),
    });
    // A record is like itself; that is no news.
    const others = items.filter((l) => l.ref !== self);
    const t = context.terminal;
    if (o.json) t.json(others);
    else
      for (const l of others)
        t.line(
          `${t.colour.bold(shown(l.ref))} ${shown(l.title)}${l.version ? ` ${shown(l.version)}` : ''} (${shown(l.state)}): ${HOW[l.how] ?? shown(l.how)}`,
        );
    if (others.length > 0) context.negative();
    else if (!o.json) t.note(`No ${register.label.many} like it.`);
  });
}
