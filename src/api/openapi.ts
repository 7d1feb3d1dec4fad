import * as z from 'zod';
import { namedAnswers } from '../answers/index.ts';
import type { Register, Registry } from '../register/register.ts';
import { schemaOf } from '../register/values.ts';
import type { Operation } from './operation.ts';

type Json = Record<string, unknown>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const text: Json = { type: 'string' };
const object = (properties: Json, required = Object.keys(properties)): Json => ({
  type: 'object',
  properties,
  required,
});

const ONCE =
  'The same key and request are carried out once, and another request with the key is refused (IDEMPOTENCY_MISMATCH)';
const SAFE = Number.MAX_SAFE_INTEGER;

/** Without what says nothing: that a whole number is one, how a moment is spelled, that answers have no further members (later versions may). */
function plain(schema: Json): void {
  const { format, additionalProperties, maximum, minimum } = schema;
  for (const name of [
    '$schema',
    '$id',
    'propertyNames',
    ...(format ? ['pattern'] : []),
    ...(additionalProperties === false ? ['additionalProperties'] : []),
    ...(maximum === SAFE ? ['maximum'] : []),
    ...(minimum === -SAFE ? ['minimum'] : []),
  ])
    delete schema[name];
}

/** The answers as schemas by name. */
function answerSchemas(names: ReadonlyMap<z.ZodType, string>): Json {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of names) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => plain(jsonSchema),
  });
  for (const schema of Object.values(schemas)) plain(schema);
  return schemas;
}

/** The OpenAPI 3.1 description of all operations; inputs come from the registers' own schemas. */
export function openApi(registry: Registry, operations: readonly Operation[], version: string): Json {
  const names = namedAnswers();
  const paths: Record<string, Json> = {};
  for (const op of operations) {
    const path = op.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [op.method.toLowerCase()]: operationOf(op, names) };
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
      schemas: { ...answerSchemas(names), ...inputs },
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

function operationOf(op: Operation, names: ReadonlyMap<z.ZodType, string>): Json {
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
            description: op.again
              ? ONCE
              : `${ONCE}; sent again, it is refused (ALREADY_EXISTS), for what it showed is shown once`,
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
        content:
          typeof op.answer === 'string'
            ? { [op.answer]: {} }
            : { 'application/json': { schema: ref(names.get(op.answer)!) } },
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
