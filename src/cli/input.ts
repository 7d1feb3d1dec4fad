import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { FieldMeta, LinkMeta, RegisterMeta } from '../register/describe.ts';
import type { Field } from '../register/field.ts';
import { kindOf } from '../register/kinds.ts';
import type { Register } from '../register/register.ts';
import { readStdin, reason } from './files.ts';
import { kebab, optionName } from './names.ts';
import { CliError, type CliIo } from './terminal.ts';

/** How a value of a kind is written on the command line. */
const PLACEHOLDER: Record<Field['kind'], string> = {
  text: '<text>',
  longText: '<text|@file>',
  score: '<n>',
  number: '<n>',
  choice: '<choice>',
  choices: '<choice>',
  person: '<PSN-0001>',
  people: '<PSN-0001>',
  date: '<YYYY-MM-DD>',
  moment: '<YYYY-MM-DDThh:mm:ssZ>',
  duration: '<PT15M>',
  yesNo: '<yes|no>',
  url: '<address>',
  file: '<sha256:hex>',
  digest: '<sha256:hex>',
  table: '<json|@file>',
};

/** Fields of which a person may give a value. */
export const givenFields = (meta: RegisterMeta): FieldMeta[] => meta.fields.filter((f) => !f.engine);
export const givenLinks = (meta: RegisterMeta): LinkMeta[] => meta.links.filter((l) => !l.engine);

interface Adding {
  /** Names that have to be given; shown first. */
  needed: readonly string[];
  neededHeading: string;
  restHeading: string;
  /** Prefix of a reference of another register, for the placeholder. */
  prefixOf(register: string): string;
}

/** Adds an option for every field and link that people fill in. */
export function addValueOptions(command: Command, meta: RegisterMeta, how: Adding): void {
  const options = [
    ...givenFields(meta).map((f) => ({ name: f.name, option: fieldOption(command, f) })),
    ...givenLinks(meta).map((l) => ({ name: l.name, option: linkOption(command, l, how.prefixOf(l.to)) })),
  ];
  const isNeeded = (name: string) => how.needed.includes(name);
  for (const { name, option } of [
    ...options.filter((o) => isNeeded(o.name)),
    ...options.filter((o) => !isNeeded(o.name)),
  ]) {
    command.addOption(option.helpGroup(isNeeded(name) ? how.neededHeading : how.restHeading));
  }
}

function fieldOption(command: Command, f: FieldMeta): Option {
  const range =
    f.kind === 'score' || (f.kind === 'number' && f.max !== undefined) ? ` (${f.min ?? 0} to ${f.max})` : '';
  const columns = f.columns ? ` Columns: ${Object.keys(f.columns).join(', ')}.` : '';
  const preset =
    f.defaultTo !== undefined
      ? ` Unless given: ${typeof f.defaultTo === 'object' ? JSON.stringify(f.defaultTo) : String(f.defaultTo)}.`
      : '';
  const unit = f.unit ? `, ${f.unit}` : '';
  const help = `${f.label}${unit}${range}.${f.help ? ` ${f.help}` : ''}${columns}${preset}`;
  const option = command.createOption(`--${optionName(f.name)} ${PLACEHOLDER[f.kind]}`, help);
  if (f.kind === 'choice') return option.choices([...(f.options ?? [])]);
  if (f.kind === 'yesNo') return option.choices(['yes', 'no']);
  if (f.kind === 'choices') return manyChoices(option, f.options ?? []);
  return option;
}

/** Repeatable, and `a;b` in one: each checked against the choices. */
function manyChoices(option: Option, known: readonly string[]): Option {
  option.argChoices = [...known];
  return option.argParser((text: string, before: string[] | undefined) => {
    const given = text
      .split(/[;,]/)
      .map((s) => s.trim())
      .filter(Boolean);
    const wrong = given.find((g) => !known.includes(g));
    if (wrong !== undefined) throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`);
    return [...(before ?? []), ...given];
  });
}

function linkOption(command: Command, l: LinkMeta, prefix: string): Option {
  const many = l.max === 1 ? '' : ' Repeat it, or separate by commas.';
  const option = command.createOption(
    `--${optionName(l.name)} <${prefix}-0001>`,
    `${l.label}.${l.help ? ` ${l.help}` : ''}${many}`,
  );
  return option.argParser((text: string, before: string[] | undefined) => [
    ...(before ?? []),
    ...text.split(/[\s,;]+/).filter(Boolean),
  ]);
}

/** The flat body of a request from the options given; `--clear` names become null or an empty list. */
export async function bodyFrom(
  io: CliIo,
  register: Register,
  meta: RegisterMeta,
  given: Record<string, unknown>,
  clear: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  for (const f of givenFields(meta)) {
    const value = given[attributeOf(f.name)];
    if (value === undefined) continue;
    const whole = f.kind === 'longText' || f.kind === 'table' ? await fromFile(io, String(value)) : value;
    body[f.name] = Array.isArray(whole)
      ? whole
      : kindOf(register.fields[f.name]!).parse(String(whole), register.fields[f.name]!);
    if (f.kind === 'table' && !Array.isArray(body[f.name])) {
      throw new CliError(
        `--${optionName(f.name)}: expected JSON, a list of rows, such as '[{"${Object.keys(f.columns ?? {}).join('": …, "')}": …}]'.`,
      );
    }
  }
  for (const l of givenLinks(meta)) {
    const value = given[attributeOf(l.name)];
    if (value !== undefined) body[l.name] = value;
  }
  for (const name of clear) {
    const clash = Object.hasOwn(body, name);
    if (clash) throw new CliError(`--clear ${kebab(name)} and --${optionName(name)} contradict each other.`);
    body[name] = register.links[name] ? [] : null;
  }
  return body;
}

/** `@file` is the file's text, `@-` standard input, `@@…` a text that begins with `@`. */
async function fromFile(io: CliIo, value: string): Promise<string> {
  if (!value.startsWith('@')) return value;
  if (value.startsWith('@@')) return value.slice(1);
  const path = value.slice(1);
  if (path === '-') return (await readStdin(io)).toString('utf8');
  try {
    return await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw new CliError(
      `${path} cannot be read: ${reason(error)}. "@" names a file; a text that begins with "@" is written with two: "@@${path}".`,
    );
  }
}

/** Where commander keeps the value of a field's option. */
function attributeOf(name: string): string {
  return optionName(name).replace(/-([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}
