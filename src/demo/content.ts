import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { PERSON_ROLES } from '../registers/person.ts';
import { hazardById } from '../standard/hazards.ts';

/** Everything the demo is made of lies as JSON in the folder `demo`: people, and the history step by step. */

const ref = z.string().regex(/^[A-Z]{3}-\d{4}$/);
const values = z.record(z.string(), z.unknown());

const person = z.strictObject({
  ref,
  name: z.string(),
  email: z.string().optional(),
  roles: z.array(z.enum(PERSON_ROLES)),
  manager: ref.optional(),
  /** Whether they can sign in. Only they act in the history. */
  account: z.boolean(),
  /** What they do, in words, for the sign-in page. */
  role: z.string(),
});

/** Somebody of the demo. */
export type DemoPerson = z.infer<typeof person>;

const step = z.union([
  z.strictObject({ by: ref, create: z.string(), ref, values, catalogue: z.string().optional() }),
  z.strictObject({ by: ref, edit: ref, values }),
  z.strictObject({
    by: ref,
    do: z.string(),
    ref,
    values: values.optional(),
    reason: z.string().optional(),
    until: z.string().optional(),
  }),
  z.strictObject({ by: ref, evidence: z.string(), release: ref, title: z.string(), claim: z.string() }),
  z.strictObject({
    by: ref,
    readings: ref,
    rows: z
      .array(
        z.strictObject({
          from: z.iso.date().optional(),
          to: z.iso.date(),
          value: z.number(),
          note: z.string().optional(),
        }),
      )
      .min(1),
  }),
  z.strictObject({ by: ref, statement: z.literal('propose') }),
  z.strictObject({ by: ref, gate: ref, verdict: z.enum(['allow', 'refuse', 'insufficient']) }),
]);

const group = z.strictObject({
  /** When the first step happens; the others follow `every` so many minutes. */
  on: z.iso.datetime(),
  every: z.number().positive(),
  steps: z.array(step).min(1),
});

/** One deed of one person, at one moment that no other step has. */
export type DemoStep = z.infer<typeof step> & {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** File and number, for messages. */
  readonly place: string;
};

/** People of the demo. Throws when the file cannot be read. */
export function readPeople(folder: string): DemoPerson[] {
  return parsed(join(folder, 'people.json'), z.array(person).min(1));
}

/**
 * The history in its order. Each step has a moment of its own, later than the one before: by it the loader knows what
 * was done already. Throws, naming the file, when the content is not in order.
 */
export function readHistory(folder: string): DemoStep[] {
  const files = readdirSync(join(folder, 'history'))
    .filter((f) => f.endsWith('.json'))
    .sort();
  const steps = files.flatMap((file) =>
    parsed(join(folder, 'history', file), z.array(group)).flatMap((g, i) =>
      g.steps.map((s, j) => ({
        ...s,
        ...('values' in s && s.values ? { values: filledIn(folder, s) } : {}),
        at: new Date(Date.parse(g.on) + j * g.every * 60_000).toISOString(),
        place: `${file}, group ${i + 1}, step ${j + 1}`,
      })),
    ),
  );
  for (const [i, s] of steps.entries())
    if (i > 0 && s.at <= steps[i - 1]!.at)
      throw new Error(`demo/history: ${s.place} is at ${s.at}, not after the step before it`);
  return steps;
}

function parsed<T>(file: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw new Error(`${file} is not in order: ${z.prettifyError(result.error)}`);
}

/** Texts of the hazard catalogue, and digests. */
function filledIn(folder: string, s: z.infer<typeof step>): Record<string, unknown> {
  const given = ('values' in s ? s.values : undefined) ?? {};
  const digest = typeof given.digest === 'string' ? { digest: digestFor(folder, given.digest) } : {};
  const code = 'catalogue' in s ? s.catalogue : undefined;
  if (code === undefined) return { ...given, ...digest };
  const hazard = hazardById(code);
  if (!hazard) throw new Error(`demo/history: the catalogue of hazards has no ${code}`);
  const { title, category, description } = hazard;
  return { code, title, category, description, ...given };
}

/** `@file:x` is the digest of that file of the demo; `@name` stands for an artifact that does not exist: it is the digest of the name. */
function digestFor(folder: string, text: string): string {
  if (!text.startsWith('@')) return text;
  const bytes = text.startsWith('@file:') ? readFileSync(join(folder, text.slice(6))) : text.slice(1);
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
