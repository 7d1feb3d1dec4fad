import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import type { Action, Answers, Body, Method, ParamsOf, Query, QueryOf } from '../actions/action.ts';
import type { Committed } from '../answers/record.ts';
import type { Answer } from '../answers/shape.ts';
import type { App, Asking } from '../app/context.ts';
import { findOrganisation, type Organisation } from '../app/people/organisations.ts';
import type { Point } from '../app/read/as-of.ts';
import { type Erased, readThenBy } from '../app/read/earlier-state.ts';
import { present } from '../app/write/idempotent.ts';
import { Failure } from '../base/failure.ts';
import type { Register } from '../register/register.ts';
import { type Kept, toKept } from '../store/records/idempotency.ts';
import { checked } from './body.ts';
import { type Call, type Operation, single } from './operation.ts';

/** What comes in for an action, read and checked as it declares. */
export interface Asked<P extends string, Q extends Query, B extends Body> {
  app: App;
  ask: Asking;
  params: Readonly<Record<ParamsOf<P> | (P extends `/${string}` ? never : 'org'), string>>;
  query: QueryOf<Q>;
  body: BodyOf<B>;
  /** The register in the path. */
  register: Register;
  /** The organisation in the path; where nobody is asked who they are, it may be none. */
  organisation(): Promise<Organisation>;
  /** Says in which version a change left the record, and where it stands when it is new; gives the record back. */
  wrote(done: Committed): Committed['record'];
  request: FastifyRequest;
  reply: FastifyReply;
}

type BodyOf<B extends Body> = B extends z.ZodType
  ? z.output<B>
  : B extends 'file'
    ? Buffer
    : B extends 'bytes'
      ? Readable
      : unknown;

/** What a write gave, told again. */
export const madeBefore = (c: Pick<Call, 'app' | 'ask'>, kept: Kept): Promise<Committed> =>
  present(c.app, c.ask, kept);

/** An answer that is no JSON, or that is sent as it is spelled. */
export class Raw {
  readonly content: unknown;
  constructor(content: unknown) {
    this.content = content;
  }
}

/** What is answered to who sends a request again under its key: of a write about one record as it is kept of it, else what was answered itself. */
type Again<P extends string, Q extends Query, B extends Body, A extends Answers> = (
  c: Asked<P, Q, B>,
  kept: Kept,
) => Promise<A extends z.ZodType ? Answer<A> : never>;

type Run<P extends string, Q extends Query, B extends Body, A extends Answers> = (
  c: Asked<P, Q, B>,
) => Promise<(A extends z.ZodType ? Answer<A> : never) | Raw>;

/** The operations of an action: one, or one for each register that has it. */
export function serve<M extends Method, P extends string, Q extends Query, B extends Body, A extends Answers>(
  action: Action<M, P, Q, B, A>,
  run: Run<P, Q, B, A>,
  again?: Again<P, Q, B, A>,
): Operation[];
export function serve(
  action: Action,
  run: Run<string, Query, Body, Answers>,
  again?: Again<string, Query, Body, Answers>,
): Operation[] {
  const of = action.of ?? [undefined];
  return of.map((register) => operationOf(action, register, run, again));
}

/** An action as an operation, all but what carries it out: what a register has as its own, or one that there is once. */
export function described(
  { id, method, path, body, answer, status, query, access, writes, tag, summary }: Action,
  register: Register | undefined,
) {
  const below = register ? path.replace(':register', register.name) : path;
  const said = (of: Action['tag']) => (typeof of === 'string' ? of : register ? of(register) : '');
  return {
    id: register ? `${register.name}.${id}` : id,
    method,
    path: below.startsWith('/') ? below : `/api/v1/:org/${below}`,
    tag: said(tag),
    summary: said(summary),
    access: access ?? 'member',
    mutates: writes !== undefined,
    query: Object.fromEntries(Object.entries(query).map(([name, p]) => [name, p.says])),
    answer,
    ...(typeof body === 'string' ? { body } : { input: body }),
    ...(status ? { status } : {}),
  };
}

function operationOf(
  action: Action,
  register: Register | undefined,
  run: Run<string, Query, Body, Answers>,
  again: Again<string, Query, Body, Answers> | undefined,
): Operation {
  const { method, body, most, status, writes } = action;
  const asked = (c: Call): Asked<string, Query, Body> => ({
    app: c.app,
    ask: c.ask,
    params: c.params,
    query: queryOf(action.query, c),
    body: typeof body === 'string' ? bytesOf(body, c) : checked(body, c.body),
    get register() {
      return register ?? registerNamed(c.app, c.params.register!);
    },
    organisation: async () => (await findOrganisation(c.app, c.params.org!))!,
    wrote: (done) => wrote(c, done, status !== undefined),
    request: c.request,
    reply: c.reply,
  });
  return {
    ...described(action, register),
    ...(register && method === 'GET' ? { register } : {}),
    handler: async (c) => {
      if (most !== undefined && Number(c.request.headers['content-length'] ?? 0) > most)
        throw new Failure('TOO_LARGE', 'The body is larger than this address takes; nothing was stored.');
      if (status) c.reply.code(status);
      const found = await run(asked(c));
      return found instanceof Raw ? found.content : found;
    },
    ...(writes === true
      ? {
          again: async (c: Call, kept: unknown) => {
            const one = toKept(kept);
            if (!one) return kept;
            if (again) return again(asked(c), one);
            const done = await present(c.app, c.ask, one);
            const { decision } = done;
            return {
              ...wrote(c, done, status !== undefined),
              ...one.more,
              ...(decision ? { decision } : {}),
            };
          },
        }
      : {}),
  };
}

function wrote(c: Call, done: Committed, made: boolean): Committed['record'] {
  const { record } = done;
  c.reply.header('etag', `"${record.version}"`);
  if (made) c.reply.header('location', `/api/v1/${c.params.org}/${record.register}/${record.ref}`);
  return record;
}

const queryOf = (query: Query, c: Call) =>
  Object.fromEntries(
    Object.entries(query).map(([name, param]) => [name, param.read(single(c.query, name), name)]),
  );

/** A body that no schema is held against: as it came, an empty file where none did. */
function bytesOf(body: Extract<Body, string>, c: Call): unknown {
  if (body === 'file') return Buffer.isBuffer(c.body) ? c.body : Buffer.alloc(0);
  if (body === 'bytes' && !(c.body instanceof Readable))
    throw new Failure('INVALID', 'The body: expected the bytes of a file.', [
      { path: '/', message: 'expected bytes' },
    ]);
  return c.body;
}

export function registerNamed(app: App, name: string): Register {
  const register = app.registry.find(name);
  if (!register)
    throw new Failure(
      'NOT_FOUND',
      `There is no register ${JSON.stringify(name.slice(0, 60))}; there are ${app.registry.all.map((r) => r.name).join(', ')}.`,
    );
  return register;
}

/** The present answer of a reader, or its answer of the point that is asked for. */
export const eitherWay = <T extends object>(
  c: { app: App; ask: Asking; query: { readonly asOf: string | undefined } },
  read: (app: App) => Promise<T>,
): Promise<T | (T & { asOf: Point; erased: Erased[] })> =>
  c.query.asOf === undefined ? read(c.app) : readThenBy(c.app, c.ask, c.query.asOf, read);

/** The answer as a CSV that is saved under this name. */
export function csvFile(reply: FastifyReply, text: string, name: string): Raw {
  reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`);
  return new Raw(text);
}
