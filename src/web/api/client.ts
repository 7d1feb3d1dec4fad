import { noteSigning } from './signing.ts';

/** One thing wrong with one place of the input. */
export interface Problem {
  path: string;
  message: string;
}

/**
 * An answer that is not a success, as RFC 9457 problem details say it. `status` 0 means that the server could not
 * be reached. `requestId` is what an operator needs to find the request in the server's output.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: Problem[];
  readonly requestId?: string;

  constructor(status: number, code: string, message: string, problems: Problem[] = [], requestId?: string) {
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

export interface Sending {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON unless it is text or bytes. */
  body?: unknown;
  contentType?: string;
  ifMatch?: string | null;
  signal?: AbortSignal;
}

/** Reads problem details; anything else that is not a success becomes a plain sentence. */
async function failureOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  try {
    const p = (await response.json()) as Partial<{
      code: string;
      title: string;
      detail: string;
      problems: Problem[];
      requestId: string;
    }>;
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

/** Sends one request. Throws ApiError, also when the server cannot be reached; aborts pass through. */
export async function send<T>(path: string, sending: Sending = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { accept: 'application/json' };
  let body: BodyInit | undefined;
  if (sending.body !== undefined) {
    const raw = typeof sending.body === 'string' || sending.body instanceof Blob;
    body = raw ? (sending.body as string | Blob) : JSON.stringify(sending.body);
    headers['content-type'] = sending.contentType ?? 'application/json';
  }
  if (sending.ifMatch) headers['if-match'] = sending.ifMatch;
  let response: Response;
  try {
    response = await fetch(path, { method: sending.method ?? 'GET', headers, body, signal: sending.signal });
  } catch (cause) {
    if (sending.signal?.aborted) throw cause;
    throw new ApiError(
      0,
      'OFFLINE',
      'The server cannot be reached. Nothing was saved; try again when it is back.',
    );
  }
  noteSigning(path, response);
  if (!response.ok) throw await failureOf(response);
  const text = response.status === 204 ? '' : await response.text();
  return { data: (text === '' ? undefined : JSON.parse(text)) as T, etag: response.headers.get('etag') };
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await send<T>(path, { signal })).data;

export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (await send<T>(path, { method: 'POST', body })).data;

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
