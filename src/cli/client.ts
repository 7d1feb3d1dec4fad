import type { Action } from '../actions/action.ts';
import type { Answered, Asked, Key, Sent } from '../actions/index.ts';
import { messageOf, thrown } from '../base/thrown.ts';
import { type Answered as AnsweredRecord, answeredIf } from '../register/rec.ts';
import type { Register } from '../register/register.ts';
import { RefusedRequest } from './problem.ts';
import type { Connection } from './profile.ts';
import { CliError, shown } from './terminal.ts';

/** How an answer is waited for, and what is said of what is sent, beside what the action says. */
export interface How {
  /** Of a list: filters by column. They go before what else is asked: a register may have a column called total. */
  filters?: Readonly<Record<string, string>> | undefined;
  /** Media type of a file. */
  type?: string;
  headers?: Record<string, string>;
  /** Longest wait for the answer's head and JSON body, in milliseconds; a minute unless told. */
  wait?: number;
}

/** A file as a command has it. */
type File = Uint8Array | ReadableStream<Uint8Array>;

/** One request. `path` is below the organisation unless it begins with a slash. */
interface Call extends How {
  method?: (typeof METHODS)[number];
  path: string;
  query?: Record<string, string | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, with `type` as its media type. */
  raw?: File;
}

const METHODS = ['GET', 'POST', 'PATCH'] as const;
const MINUTE = 60_000;
/** A JSON answer beyond this is not one of ours. */
const MOST_JSON_BYTES = 256 * 1024 * 1024;

/** A server, an organisation and a sign-in. Every failure is a `CliError` with a sentence; nothing is retried. */
export class Client {
  readonly connection: Connection;
  private readonly fetch: typeof globalThis.fetch;
  private readonly note: (line: string) => void;
  private noted = false;

  /** `note` takes what is for the person and not for the next program. */
  constructor(
    connection: Connection,
    fetch: typeof globalThis.fetch = globalThis.fetch,
    note: (line: string) => void = () => {},
  ) {
    this.connection = connection;
    this.fetch = fetch;
    this.note = note;
  }

  /** The answer's JSON. Throws RefusedRequest on problem details, CliError when the server cannot be understood. */
  private async json<T>(call: Call): Promise<T> {
    const response = await this.response(call);
    const text = await this.body(response);
    const value = parsed(text);
    if (value === undefined || !/json/.test(response.headers.get('content-type') ?? ''))
      throw this.strange(response.status);
    return value as T;
  }

  /** Carries out an action: what it takes and what it answers is known by its method and path. */
  ask<K extends Key>(key: K, asked: Asked<K>, sent?: Sent<K, File>, how?: How): Promise<Answered<K>> {
    return this.json(callOf(key, asked, sent, how));
  }

  /** The same for an action that is known only as the program runs. */
  carryOut(
    { method, path }: Pick<Action, 'method' | 'path'>,
    asked: object,
    sent: unknown,
  ): Promise<unknown> {
    return this.json(callOf(`${method} ${path}`, asked, sent));
  }

  /** The same where a file is answered, its status being one of success; the body is not read yet. */
  open<K extends Key>(key: K, asked: Asked<K>, sent?: Sent<K, File>, how?: How): Promise<Response> {
    return this.response(callOf(key, asked, sent, how));
  }

  /** The same where text is answered. */
  async words<K extends Key>(key: K, asked: Asked<K>, sent?: Sent<K, File>, how?: How): Promise<string> {
    return this.body(await this.open(key, asked, sent, how));
  }

  /** One record of a register, with the types of its declaration. Throws CliError where the answer is a record of another. */
  async record<R extends Register>(register: R, ref: string): Promise<AnsweredRecord<R>> {
    const answer: AnsweredRecord = await this.ask('GET :register/:ref', { register: register.name, ref });
    const found = answeredIf(register, answer);
    if (!found)
      throw new CliError(`${this.connection.url} answered something that is no ${register.label.one}.`);
    return found;
  }

  /** What stands at an address of the server as text: a public log has its own. */
  async text(call: { path: string }): Promise<string> {
    return this.body(await this.response(call));
  }

  /** What stands at an address, its status being one of success; the body is not read yet. */
  async response(call: Call): Promise<Response> {
    const response = await this.send(call);
    if (response.ok) return response;
    if (response.status >= 300 && response.status < 400) {
      throw new CliError(
        `${this.connection.url} answers with a redirection to ${shown(response.headers.get('location') ?? 'nowhere')}; it is not followed, because the sign-in would go there too. Give the right --url.`,
      );
    }
    const value = parsed(await this.body(response));
    if (value === undefined) throw this.strange(response.status);
    throw new RefusedRequest(response.status, value);
  }

  private async send(call: Call): Promise<Response> {
    const url = this.urlOf(call);
    const init: RequestInit & { duplex?: 'half' } = {
      method: call.method ?? 'GET',
      headers: this.headersOf(call),
      // A redirection would carry the sign-in to another place.
      redirect: 'manual',
      signal: AbortSignal.timeout(call.wait ?? MINUTE),
    };
    if (call.json !== undefined) init.body = JSON.stringify(call.json);
    else if (call.raw !== undefined) {
      init.body = call.raw as NonNullable<RequestInit['body']>;
      if (call.raw instanceof ReadableStream) init.duplex = 'half';
    }
    try {
      const response = await this.fetch(url, init);
      this.tellSigning(response);
      return response;
    } catch (error) {
      throw this.unreachable(error, call.wait ?? MINUTE);
    }
  }

  /** Once a command: each answer says it while the log of the organisation is not signed. */
  private tellSigning(response: Response): void {
    const said = response.headers.get('openaims-log');
    if (said === null || this.noted) return;
    this.noted = true;
    const means = said.includes('writes=refused')
      ? 'nothing can be recorded until that is put right'
      : 'what is recorded waits for its place in it';
    this.note(`The log is not signed at this moment: ${means}. See: aims log status`);
  }

  private urlOf(call: Call): URL {
    const base = this.connection.url;
    const path = call.path.startsWith('/') ? call.path : `/api/v1/${this.connection.org}/${call.path}`;
    const url = new URL(`${base}${path}`);
    // A path that came from the server must not lead the sign-in elsewhere.
    if (url.origin !== new URL(base).origin)
      throw new CliError(`The path ${shown(call.path)} leads away from ${base}.`);
    for (const [k, v] of Object.entries(call.query ?? {})) if (v !== undefined) url.searchParams.append(k, v);
    return url;
  }

  private headersOf(call: Call): Record<string, string> {
    const { key, cookie } = this.connection;
    const type = call.json !== undefined ? 'application/json' : call.type;
    return {
      accept: 'application/json, application/problem+json, */*;q=0.5',
      'user-agent': 'aims-cli',
      ...(type ? { 'content-type': type } : {}),
      ...(key ? { authorization: `Bearer ${key}` } : cookie ? { cookie } : {}),
      // Changes made with a session must come from the same origin; the server compares this.
      ...(call.method && call.method !== 'GET' ? { origin: new URL(this.connection.url).origin } : {}),
      ...call.headers,
    };
  }

  private async body(response: Response): Promise<string> {
    try {
      if (Number(response.headers.get('content-length') ?? 0) > MOST_JSON_BYTES)
        throw new Error('the answer is too large');
      return await response.text();
    } catch (error) {
      throw this.unreachable(error, MINUTE);
    }
  }

  private unreachable(error: unknown, wait: number): CliError {
    const e = thrown(error);
    const cause = thrown(e.cause);
    const why =
      e.name === 'TimeoutError'
        ? `no answer within ${Math.round(wait / 1000)} seconds`
        : (cause.code ?? cause.message ?? messageOf(error));
    return new CliError(
      `The server at ${this.connection.url} cannot be reached (${shown(why)}). Is it running? Another address: --url or AIMS_URL.`,
    );
  }

  private strange(status: number): CliError {
    return new CliError(
      `${this.connection.url} answered ${status}, but not as an OpenAIMS server does. Check the address (--url or AIMS_URL).`,
    );
  }
}

/** The request that an action is asked by: names in its path are filled in, what else is asked goes into the query. */
function callOf(key: string, asked: object, sent: unknown, how: How = {}): Call {
  const [method, pattern = ''] = key.split(' ');
  const left = new Map<string, unknown>(Object.entries(asked));
  const path = pattern.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = String(left.get(name));
    left.delete(name);
    return encodeURIComponent(value);
  });
  const query = {
    ...Object.fromEntries([...left].map(([name, v]) => [name, v === undefined ? undefined : String(v)])),
    ...how.filters,
  };
  const known = METHODS.find((m) => m === method);
  if (!known) throw new Error(`${key} begins with no method`);
  const call = { ...how, method: known, path, query };
  return sent instanceof Uint8Array || sent instanceof ReadableStream
    ? { ...call, raw: sent }
    : { ...call, json: call.method === 'GET' ? undefined : (sent ?? {}) };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
