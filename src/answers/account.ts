import * as z from 'zod';
import type { RegisterMeta } from '../register/describe.ts';
import { FIELD_KINDS } from '../register/field.ts';
import { ROLES } from '../register/who.ts';
import { type Answer, byName, flag, list, number, object, text } from './shape.ts';

const role = z.enum(Object.keys(ROLES));

/** Who is signed in, and where. */
export const me = object({
  kind: z.enum(['person', 'apiKey']),
  name: text,
  email: text.optional(),
  organisations: list(object({ slug: text, name: text, ref: text, roles: list(role) })),
});
export type Me = Answer<typeof me>;

export const setup = object({
  firstRun: flag.describe('The first account is still to be made'),
  demo: flag,
  demoPeople: list(object({ email: text, name: text, role: text })).optional(),
  demoPassword: text.optional(),
});

export const signedOut = object({ signedOut: flag });

/** Whom an invitation is for. */
export const invited = object({ organisation: text, name: text, email: text });
export type Invited = Answer<typeof invited>;

const column = object({
  label: text,
  kind: z.enum(['number', 'text', 'choice', 'yesNo']),
  options: list(text).optional(),
  required: flag.optional(),
  code: flag.optional().describe('text: holds a name of the program; pages say it in words'),
  min: number.optional(),
  max: number.optional(),
  whole: flag.optional(),
});

/** A register as data; the type is the one that describes it. */
export const registerMeta = object({
  name: text,
  prefix: text,
  step: text,
  label: object({ one: text, many: text }),
  purpose: text,
  clauses: byName(text),
  title: text,
  fields: list(
    object({
      name: text,
      kind: z.enum(FIELD_KINDS),
      label: text,
      help: text.optional(),
      required: flag,
      optional: flag,
      engine: flag,
      personal: flag,
      due: flag,
      max: number.optional(),
      min: number.optional(),
      unit: text.optional(),
      options: list(text).optional(),
      columns: byName(column).optional(),
      code: flag.optional(),
      defaultTo: z.unknown().optional(),
      entered: text.optional(),
    }),
  ),
  links: list(
    object({
      name: text,
      to: text,
      label: text,
      help: text.optional(),
      min: number,
      max: number,
      engine: flag,
    }),
  ),
  inverses: list(object({ name: text, label: text, register: text, link: text })),
  derived: list(object({ name: text, label: text })),
  states: list(text),
  standing: flag.describe('Some of its states rest on decisions: then lists can be filtered by `standing`'),
  locked: list(text),
  ended: list(text),
  transitions: list(
    object({
      name: text,
      label: text,
      from: list(text),
      to: text,
      byText: text,
      requires: list(text),
      finds: list(text).describe('Of those, what is given anew with every decision'),
      signed: flag,
      separate: flag,
      decision: text.optional(),
      reason: flag,
      until: flag,
      quorum: number,
    }),
  ),
  columns: list(
    object({
      name: text,
      label: text,
      kind: z.enum([...FIELD_KINDS, 'link', 'state', 'derived']),
      sortable: flag,
      filterable: flag,
    }),
  ),
  mayCreate: flag.describe(
    'Whether the caller may create a record here (relative rights are told per record)',
  ),
  engineWritten: flag.describe('No route creates it: the engine writes it'),
});

export const meta = object({
  organisation: object({ slug: text, name: text, logPublic: flag, demo: flag }),
  me: object({ ref: text, name: text, kind: z.enum(['person', 'apiKey', 'engine']), roles: list(role) }),
  roles: byName(text),
  steps: list(z.union([text, object({ name: text, label: text.optional() })])),
  version: text,
  registers: list(registerMeta),
});
export interface Meta extends Omit<Answer<typeof meta>, 'registers'> {
  readonly registers: readonly RegisterMeta[];
}
