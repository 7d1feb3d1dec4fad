import { MAX_STAMP_BYTES, QUERY_TYPE, REPLY_TYPE } from '../timestamp/index.ts';

/** Longest wait for an authority, in milliseconds. */
const PATIENCE = 30_000;

/** What came of asking an authority: its answer, not yet judged, or a sentence. */
export type StampReply = { tsr: Buffer } | { problem: string };

/**
 * Sends a request to a time-stamping authority over HTTP (RFC 3161 3.4). Nothing of the answer but its bytes is kept: no redirect is
 * followed, since the address was agreed with a person, and no more is read than a stamp can have. Never throws.
 */
export async function askForStamp(
  url: string,
  query: Buffer,
  o: { stop: AbortSignal; patience?: number },
): Promise<StampReply> {
  const patience = o.patience ?? PATIENCE;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': QUERY_TYPE, accept: REPLY_TYPE },
      body: new Uint8Array(query),
      redirect: 'manual',
      signal: AbortSignal.any([o.stop, AbortSignal.timeout(patience)]),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { problem: answered(url, response.status) };
    }
    const tsr = await bounded(response);
    return tsr
      ? { tsr }
      : { problem: `${url} sent more than ${MAX_STAMP_BYTES} bytes; a time stamp has fewer.` };
  } catch (error) {
    return { problem: `${url} could not be reached: ${reasonOf(error, patience)}.` };
  }
}

function answered(url: string, status: number): string {
  if (status >= 300 && status < 400)
    return `${url} answered with a redirection, which is not followed; set the address it leads to.`;
  return `${url} answered with HTTP status ${status} instead of a time stamp.`;
}

/** The whole body, or undefined when it is longer than a stamp can be. */
async function bounded(response: Response): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > MAX_STAMP_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function reasonOf(error: unknown, patience: number): string {
  const e = error as Error & { cause?: { code?: string; message?: string } };
  if (e.name === 'TimeoutError') return `no answer within ${Math.round(patience / 1000)} seconds`;
  if (e.name === 'AbortError') return 'the server was stopped meanwhile';
  return (e.cause?.code ?? e.cause?.message ?? e.message).slice(0, 200);
}
