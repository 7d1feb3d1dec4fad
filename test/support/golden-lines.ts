import { createHash } from 'node:crypto';
import { normalised } from './normalised.ts';
import type { Recorded } from './recorded-answers.ts';

/**
 * Recorded answers as lines to read: a block for each question, in it one answer and everybody who gets it. Long answers that say what records say are
 * told in short, with a digest of the whole, as are those whose path is `alsoShort`; all others stand there as they are.
 */
export async function goldenLines(recorded: AsyncIterable<Recorded>, alsoShort?: RegExp): Promise<string> {
  const blocks = new Map<string, Map<string, string[]>>();
  for await (const a of recorded) {
    const answers = blocks.get(a.path) ?? new Map<string, string[]>();
    blocks.set(a.path, answers);
    const said = told(a, alsoShort);
    answers.set(said, [...(answers.get(said) ?? []), a.who]);
  }
  const lines: string[] = [];
  for (const [path, answers] of blocks) {
    lines.push(path);
    for (const [said, who] of answers) lines.push(`  ${who.join(' ')}: ${said}`);
  }
  return `${lines.join('\n')}\n`;
}

interface Page {
  state: string;
  version: number;
  standing?: string;
  erased?: string[];
  may: {
    edit: boolean;
    fixed: string[];
    transitions: { name: string; allowed: boolean; missing: unknown[]; refusal?: { message: string } }[];
  };
}
interface List {
  total?: number;
  items: { ref: string }[];
}
interface Refused {
  code: string;
  detail: string;
}

function told({ path, status, body: raw }: Recorded, alsoShort?: RegExp): string {
  const body = normalised(raw);
  if (status !== 200) return refusedTold(status, body as Refused);
  if (/^\w+\/[A-Z]+-\d+$/.test(path)) return pageTold(body as Page);
  if (/^\w+\?limit=200&total=true/.test(path)) return listTold(body as List);
  if (DIGESTED.test(path) || alsoShort?.test(path)) return `${size(body)} ${digest(body)}`;
  return `${indented(inShort(body), '  ')} ${digest(body)}`;
}

/** What repeats records, or is the same for everybody and long. */
const DIGESTED =
  /\/(versions|comments|since-approval|templates|attestation|editions|quantification|digest|owned)\b|^(presets|log|raci|differences)\b|[?&](sort|format|kind|person|system)=/;

/** What somebody may do stands apart from what the record says, which is the same for all who see it. */
function pageTold({ may, ...page }: Page): string {
  const steps = may.transitions.map((t) => {
    if (t.allowed) return t.missing.length > 0 ? `${t.name} (wants ${inline(t.missing)})` : t.name;
    return `not ${t.name}${t.refusal ? ` (${t.refusal.message})` : ''}`;
  });
  return [
    `${page.state} ${page.version}${page.standing ? ` ${page.standing}` : ''} ${digest(page)};`,
    `${may.edit ? 'edit' : 'no edit'}${may.fixed.length > 0 ? ` but ${may.fixed.join(' ')}` : ''};`,
    `${steps.join(', ')} ${digest(may)}`,
  ].join(' ');
}

function listTold(list: List): string {
  return `${list.total} ${digest(list)} ${list.items.map((i) => i.ref).join(' ')}`;
}

const refusedTold = (status: number, refused: Refused): string =>
  `${status} ${refused.code} ${inline(refused.detail)} ${digest(refused)}`;

/** A sentence as its English, its id, and a digest of its parameters, which are what the English says. */
function inShort(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inShort);
  if (value === null || typeof value !== 'object') return value;
  const short = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, inShort(v)]));
  if (!('message' in short && 'params' in short)) return short;
  const { message, params, text, why, says, label, ...more } = short;
  const english = text ?? why ?? says ?? label;
  const said = `${english === undefined ? '' : `${english} `}[${message} ${digest(params).slice(0, 4)}]`;
  if (Object.keys(more).length === 0) return said;
  return 'rule' in more ? itemTold(said, more) : { said, ...more };
}

/** One item of my work. */
function itemTold(said: string, { rule, ref, urgency, due, next }: Record<string, unknown>): string {
  return [rule, ref, urgency, due, said, typeof next === 'string' ? next : inline(next)].join(' · ');
}

const size = (body: unknown): string => `${JSON.stringify(body).length} characters`;
const digest = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 10);
const inline = (body: unknown): string => JSON.stringify(body);

/** As JSON, a line for each item: what fits on a line stands on one. */
function indented(body: unknown, indent: string): string {
  const short = inline(body);
  if (short.length <= 220 || body === null || typeof body !== 'object') return short;
  const more = `${indent} `;
  if (Array.isArray(body)) return `[\n${body.map((v) => more + indented(v, more)).join('\n')}\n${indent}]`;
  return `{\n${Object.entries(body)
    .map(([k, v]) => `${more}${k}: ${indented(v, more)}`)
    .join('\n')}\n${indent}}`;
}
