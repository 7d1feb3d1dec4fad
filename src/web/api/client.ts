import type { Answered, Asked, Key, Sent } from '../../actions/index.ts';
import type { Problem, ProblemDetails } from '../../answers/problem.ts';
import type { RecordList } from '../../answers/record.ts';
import type { RegisterName, Registers } from '../../registers/index.ts';
import { noteSigning } from './signing.ts';

/**
 * An answer that is not a success, as RFC 9457 problem details say it. `status` 0 means that the server could not
 * be reached. `requestId` is what an operator needs to find the request in the server's output.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Problem[];
  readonly requestId?: string;

  constructor(
    status: number,
    code: string,
    message: string,
    problems: readonly Problem[] = [],
    requestId?: string,
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.problems = problems;
    this.requestId = requestId;
  }
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

/** How it is sent, beside what the action says. */
export interface How {
  /** Of a list: what else its address says, filters by column among it. */
  filters?: Readonly<Record<string, string>>;
  /** Media type of a file. */
  type?: string;
  ifMatch?: string | null;
  signal?: AbortSignal | undefined;
}

/** Reads problem details; anything else that is not a success becomes a plain sentence. */
async function failureOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  try {
    const p: Partial<ProblemDetails> = await response.json();
    const message = p.detail ?? p.title ?? `The server answered ${response.status}.`;
    return new ApiError(
      response.status,
      p.code ?? 'INTERNAL',
      message,
      p.problems ?? [],
      p.requestId ?? requestId,
    );
  } catch {
    const message = `The server answered ${response.status} without saying why.`;
    return new ApiError(response.status, 'INTERNAL', message, [], requestId);
  }
}

/**
 * Carries out an action of the organisation whose part of the API is `base`: what it takes and what it answers is known by its method and path. What is
 * undefined or empty is not asked. Throws ApiError, also when the server cannot be reached; aborts pass through.
 */
export const ask = async <K extends Key>(
  base: string,
  key: K,
  asked: Asked<K>,
  sent?: Sent<K, Blob | string>,
  how?: How,
): Promise<Answered<K>> => (await askWhole(base, key, asked, sent, how)).data;

/** The same with the entity tag of what is answered. */
export const askWhole = <K extends Key>(
  base: string,
  key: K,
  asked: Asked<K>,
  sent?: Sent<K, Blob | string>,
  how?: How,
): Promise<Answer<Answered<K>>> => carriedOut(base, key, asked, sent, how);

/** A list of records of one register, with the types of its declaration. */
export const askRecords = async <N extends RegisterName>(
  base: string,
  register: N,
  filters: Record<string, string>,
): Promise<RecordList<Registers[N]>> =>
  (await carriedOut(base, 'GET :register', { register }, undefined, { filters })).data;

async function carriedOut(base: string, key: Key, asked: object, sent: unknown, how: How = {}) {
  const [method = 'GET'] = key.split(' ');
  const headers: Record<string, string> = { accept: 'application/json' };
  const file = typeof sent === 'string' || sent instanceof Blob;
  if (method !== 'GET') headers['content-type'] = (file && how.type) || 'application/json';
  if (how.ifMatch) headers['if-match'] = how.ifMatch;
  const body = method === 'GET' ? undefined : file ? sent : JSON.stringify(sent ?? {});
  const path = placeOf(base, key, { ...asked }, how.filters);
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body, signal: how.signal });
  } catch (cause) {
    if (how.signal?.aborted) throw cause;
    throw new ApiError(
      0,
      'OFFLINE',
      'The server cannot be reached. Nothing was saved; try again when it is back.',
    );
  }
  noteSigning(path, response);
  if (!response.ok) throw await failureOf(response);
  return { data: JSON.parse(await response.text()), etag: response.headers.get('etag') };
}

/** Where an action is asked. */
export const addressOf = <K extends Key>(base: string, key: K, asked: Asked<K>): string =>
  placeOf(base, key, { ...asked });

/** Names in the path are filled in, what else is asked goes into the query. */
function placeOf(
  base: string,
  key: Key,
  asked: Record<string, unknown>,
  filters: Readonly<Record<string, string>> = {},
) {
  const inPath = new Set<string>();
  const path = (key.split(' ')[1] ?? '').replace(/:([A-Za-z]+)/g, (_, name: string) => {
    inPath.add(name);
    return encodeURIComponent(String(asked[name]));
  });
  const query = new URLSearchParams(Object.entries(filters));
  for (const [name, v] of Object.entries(asked))
    if (!inPath.has(name) && !query.has(name) && v !== undefined && v !== '') query.set(name, String(v));
  return `${path.startsWith('/') ? path : `${base}/${path}`}${query.size > 0 ? `?${query}` : ''}`;
}

/** Fetches text or bytes that are not JSON, such as tiles; `undefined` when there is no such thing. */
export async function fetchBytes(path: string): Promise<Uint8Array | undefined> {
  let response: Response;
  try {
    response = await fetch(path);
  } catch {
    throw new ApiError(0, 'OFFLINE', 'The server cannot be reached.');
  }
  if (response.status === 404) return undefined;
  if (!response.ok) throw await failureOf(response);
  return new Uint8Array(await response.arrayBuffer());
}

/** Address of an organisation's part of the API. */
export const baseOf = (org: string): string => `/api/v1/${encodeURIComponent(org)}`;

/** The field that a problem is about: `/values/likelihood` and `likelihood` both name `likelihood`. */
export function fieldOfPath(path: string): string {
  const parts = path.split('/').filter(Boolean);
  return (parts[0] === 'values' && parts.length > 1 ? parts[1] : parts[0]) ?? '';
}
