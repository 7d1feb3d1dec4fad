import * as z from 'zod';
import { FAILURES } from '../base/failure.ts';
import type { Register, Registry } from '../register/register.ts';
import { schemaOf } from '../register/values.ts';
import type { Operation } from './operation.ts';

type Json = Record<string, unknown>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const text: Json = { type: 'string' };
const MESSAGE: Json = { ...text, description: 'Id of the message that the English was made from' };
const PARAMS: Json = {
  type: 'object',
  description:
    'What the message names, each a text, a number, a sentence within the sentence (`message`, `params`, `text`), a list of texts or sentences, or such a list with how it is joined (`join`, `items`)',
};
const moment: Json = { type: 'string', format: 'date-time' };
const object = (properties: Json, required = Object.keys(properties)): Json => ({
  type: 'object',
  properties,
  required,
});

const ALWAYS: Json = {
  ref: { ...text, description: 'Number that people use, such as RSK-0042' },
  register: text,
  id: { type: 'string', format: 'uuid' },
  version: { type: 'integer', description: 'Grows by one with every change; also the ETag' },
  state: text,
  title: text,
  values: { type: 'object', description: 'Fields by name' },
  derived: { type: 'object', description: 'Computed values by name' },
  links: { type: 'object', additionalProperties: { type: 'array', items: text } },
  createdAt: moment,
  createdBy: text,
  updatedAt: moment,
  updatedBy: text,
};
const RECORD: Json = object(
  {
    ...ALWAYS,
    decision: { ...text, description: 'Number of the decision that the step recorded' },
    unchanged: {
      type: 'boolean',
      description: 'True when an edit asked for what was there already: no version was written',
    },
  },
  Object.keys(ALWAYS),
);

const SCHEMAS: Json = {
  Record: RECORD,
  RecordPage: {
    allOf: [
      ref('Record'),
      object({
        references: { type: 'object', description: 'Titles of everything named' },
        inverses: { type: 'object', description: 'Records that link here, by way back' },
        may: { type: 'object', description: 'What you may do now, and if not, why' },
        inUse: {
          type: 'array',
          items: { type: 'object' },
          description:
            'Of a release or an AI system: releases in use that the gate would not let through now',
        },
        decisions: { type: 'array', items: { type: 'object' } },
      }),
    ],
  },
  Page: object(
    {
      items: { type: 'array', items: ref('Record') },
      next: { type: ['string', 'null'] },
      references: { type: 'object' },
    },
    ['items', 'next', 'references'],
  ),
  Versions: object({
    items: { type: 'array', items: { type: 'object' } },
    next: { type: ['integer', 'null'] },
    references: { type: 'object' },
  }),
  Disclosure: { type: 'object', description: 'A file of format openaims.disclosure/1, for `aims verify`' },
  Import: object(
    {
      rows: { type: 'integer' },
      created: { type: 'integer' },
      updated: { type: 'integer' },
      unchanged: { type: 'integer' },
      dryRun: { type: 'boolean' },
      problems: { type: 'array', items: ref('Problem') },
      unmapped: { type: 'array', items: text, description: 'Headings that nothing is taken from' },
      duplicates: {
        type: 'array',
        description: 'New rows that may be there already; a mark for a person, not a fault',
        items: object({ place: text, like: text, how: { type: 'string', enum: ['digest', 'name', 'near'] } }),
      },
      moreDuplicates: { type: 'integer' },
    },
    ['rows', 'created', 'updated', 'unchanged', 'dryRun', 'problems'],
  ),
  Sentence: object({ message: MESSAGE, params: PARAMS, text }, ['message', 'params', 'text']),
  Problem: object(
    {
      path: text,
      message: { ...text, description: 'The sentence' },
      id: { ...text, description: 'Id of the message that the sentence was made from' },
      params: PARAMS,
    },
    ['path', 'message'],
  ),
  ProblemDetails: object(
    {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: { ...text, description: 'A sentence that names record and next step' },
      message: MESSAGE,
      params: PARAMS,
      code: { type: 'string', enum: Object.keys(FAILURES) },
      problems: { type: 'array', items: ref('Problem') },
      requestId: text,
    },
    ['type', 'title', 'status', 'detail', 'code', 'problems', 'requestId'],
  ),
};

/** The OpenAPI 3.1 description of all operations; inputs come from the registers' own schemas. */
export function openApi(registry: Registry, operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const op of operations) {
    const path = op.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [op.method.toLowerCase()]: operationOf(op) };
  }
  const inputs = Object.fromEntries(
    registry.all.flatMap((r) => [
      [`${pascal(r)}Input`, jsonSchema(schemaOf(r, 'create'))],
      [`${pascal(r)}Change`, jsonSchema(schemaOf(r, 'edit'))],
    ]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenAIMS',
      version,
      description:
        'An AI management system (ISO/IEC 42001) that proves itself. Errors are RFC 9457 problem details.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(operations.map((o) => o.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...SCHEMAS, ...inputs },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key; it begins with aims_' },
        session: { type: 'apiKey', in: 'cookie', name: 'better-auth.session_token' },
      },
    },
  };
}

const pascal = (r: Register): string => r.name.charAt(0).toUpperCase() + r.name.slice(1);

const made = (input: NonNullable<Operation['input']>) => (typeof input === 'function' ? input() : input);

function jsonSchema(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

function operationOf(op: Operation): Json {
  const params = [...op.path.matchAll(/:([A-Za-z]+)/g)].map((m) => ({
    name: m[1],
    in: 'path',
    required: true,
    schema: text,
    description:
      {
        org: 'Short name of the organisation',
        ref: 'Reference such as RSK-0042',
        token: 'Token of the link',
      }[m[1]!] ?? m[1],
  }));
  const query = Object.entries(op.query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: text,
  }));
  const headers =
    op.mutates && op.access === 'member'
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            description: 'The same key and request are carried out once',
            schema: text,
          },
        ]
      : [];
  if (op.method === 'PATCH')
    headers.push({
      name: 'If-Match',
      in: 'header',
      description: 'ETag of the version you saw',
      schema: text,
    });
  return {
    operationId: op.id,
    summary: op.summary,
    tags: [op.tag],
    security: op.access === 'public' ? [] : [{ key: [] }, { session: [] }],
    parameters: [...params, ...query, ...headers],
    ...bodyOf(op),
    responses: {
      [op.status ?? 200]: {
        description: op.summary,
        content: { 'application/json': { schema: op.answer ? ref(op.answer) : { type: 'object' } } },
      },
      '4XX': {
        description: 'What is wrong, where, and what to do next',
        content: { 'application/problem+json': { schema: ref('ProblemDetails') } },
      },
    },
  };
}

function bodyOf(op: Operation): Json {
  if (op.method === 'GET' || op.body === 'none') return {};
  if (op.body === 'bytes')
    return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  if (op.body === 'file')
    return {
      requestBody: {
        required: true,
        content: {
          'text/csv': { schema: text },
          'application/json': { schema: { type: 'array', items: { type: 'object' } } },
          'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {},
        },
      },
    };
  const own = op.register ? op.register.name.charAt(0).toUpperCase() + op.register.name.slice(1) : '';
  const named =
    op.register && op.id.endsWith('.create')
      ? ref(`${own}Input`)
      : op.register && op.id.endsWith('.edit')
        ? ref(`${own}Change`)
        : undefined;
  const transition = op.register
    ? object(
        {
          values: ref(`${own}Change`),
          reason: text,
          until: { type: 'string', format: 'date' },
          password: text,
        },
        [],
      )
    : { type: 'object' };
  const schema =
    named ??
    (op.input && op.register ? transition : op.input ? jsonSchema(made(op.input)) : { type: 'object' });
  return { requestBody: { required: named !== undefined, content: { 'application/json': { schema } } } };
}
