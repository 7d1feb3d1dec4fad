import { messageOf, thrown } from '../../base/thrown.ts';
import { NotAsked, type Outgoing } from '../../outgoing/index.ts';
import { MAX_STAMP_BYTES, QUERY_TYPE, REPLY_TYPE } from '../../timestamp/index.ts';

/** Longest wait for an authority, in milliseconds. */
const PATIENCE = 30_000;

/** What came of asking an authority: its answer, not yet judged, or a sentence. */
export type StampReply = { tsr: Buffer } | { problem: string };

/**
 * Sends a request to a time-stamping authority over HTTP (RFC 3161 3.4). Nothing of the answer but its bytes is kept: no redirect is
 * followed, since the address was agreed with a person, and no more is read than a stamp can have. Never throws.
 */
export async function askForStamp(
  outgoing: Outgoing,
  url: string,
  query: Buffer,
  o: { stop: AbortSignal; patience?: number },
): Promise<StampReply> {
  const patience = o.patience ?? PATIENCE;
  try {
    const response = await outgoing.post(url, {
      headers: { 'content-type': QUERY_TYPE, accept: REPLY_TYPE },
      body: query,
      most: MAX_STAMP_BYTES,
      signal: AbortSignal.any([o.stop, AbortSignal.timeout(patience)]),
    });
    if (response.status !== 200) return { problem: answered(url, response.status) };
    const tsr = response.body;
    return tsr
      ? { tsr }
      : { problem: `${url} sent more than ${MAX_STAMP_BYTES} bytes; a time stamp has fewer.` };
  } catch (error) {
    if (error instanceof NotAsked) return { problem: `${url} is not asked: ${error.message}.` };
    return { problem: `${url} could not be reached: ${reasonOf(error, patience)}.` };
  }
}

function answered(url: string, status: number): string {
  if (status >= 300 && status < 400)
    return `${url} answered with a redirection, which is not followed; set the address it leads to.`;
  return `${url} answered with HTTP status ${status} instead of a time stamp.`;
}

function reasonOf(error: unknown, patience: number): string {
  const e = thrown(error);
  if (e.name === 'TimeoutError') return `no answer within ${Math.round(patience / 1000)} seconds`;
  if (e.name === 'AbortError') return 'the server was stopped meanwhile';
  return (
    e.name === 'AggregateError' ? (e.code ?? 'the connection failed') : (e.code ?? messageOf(error))
  ).slice(0, 200);
}
