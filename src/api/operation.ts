import type { FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import type { Answers } from '../actions/action.ts';
import type { App, Asking } from '../app/context.ts';
import type { Register } from '../register/register.ts';

/** What a handler gets: everything checked that can be checked before it. */
export interface Call {
  app: App;
  /** Who asks; present on every operation but public ones. */
  ask: Asking;
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | string[] | undefined>>;
  body: unknown;
  request: FastifyRequest;
  reply: FastifyReply;
}

/**
 * One operation of the interface. Routes, OpenAPI and the tests that walk every route are made from the list of them; there
 * is no other door.
 */
export interface Operation {
  id: string;
  method: 'GET' | 'POST' | 'PATCH';
  /** Below the server's root, parameters as `:name`. */
  path: string;
  summary: string;
  tag: string;
  /** `public`: nobody is asked who they are. `account`: signed in. `member`: belongs to the organisation in the path. */
  access: 'public' | 'account' | 'member';
  /** Changes records; leaves one ledger entry for each. */
  mutates: boolean;
  /**
   * What is answered to who sends again, under its key, a request that was carried out: `kept` is what was kept of that. Every operation of members
   * that changes records has it, but those that showed what is shown once.
   */
  again?(call: Call, kept: unknown): Promise<unknown>;
  register?: Register;
  /** Schema of the body, for checking by the handler and for the documentation; as a function where making hundreds would slow the start. */
  input?: z.ZodType | (() => z.ZodType);
  /** How the body comes: JSON (default), a stream of bytes, or a file of at most 20 MiB held in memory. */
  body?: 'json' | 'bytes' | 'file' | 'none';
  /** Query parameters with a line each. */
  query?: Readonly<Record<string, string>>;
  /** Takes filters beside the parameters it names; the handler judges them. */
  filters?: boolean;
  status?: number;
  /** What is answered: JSON of a schema, or a file of a media type. */
  answer: Answers;
  handler(call: Call): Promise<unknown>;
}

/** A query parameter given at most once. */
export function single(query: Call['query'], name: string): string | undefined {
  const v = query[name];
  return Array.isArray(v) ? v[0] : v;
}
