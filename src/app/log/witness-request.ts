import type { IncomingHttpHeaders } from 'node:http';
import { cosignaturesOf, keyIdHex, parseNote, SIZE_TYPE, type WitnessKey } from '../../ledger/index.ts';
import { NotAsked, type Outgoing } from '../../outgoing/index.ts';

/** Longest wait for a witness, in milliseconds. */
const PATIENCE = 10_000;
/** Longest answer that is read: a cosignature has some 200 bytes, and a witness may have several keys. */
const MOST_BYTES = 64 * 1024;
/** A witness whose clock is ahead by more than this (ms) says when something was seen that cannot be so. */
const MOST_AHEAD = 86_400_000;

/** What a witness answered: its cosignature, the size it knows, or a sentence. Never the other side's own words. */
export type WitnessReply =
  | { kind: 'cosigned'; line: string; at: Date }
  | { kind: 'conflict'; size: number }
  | { kind: 'problem'; problem: string };

/**
 * Asks a witness to cosign (C2SP tlog-witness v1.0.0). `body` is from `formatAddCheckpoint`, `note` the checkpoint in it. Only a
 * cosignature of `witness` that holds is given back. Follows no redirect, reads no more than an answer can have. Never throws.
 */
export async function askWitness(
  outgoing: Outgoing,
  url: string,
  witness: WitnessKey,
  o: { body: string; note: string; now: Date; stop: AbortSignal; patience?: number },
): Promise<WitnessReply> {
  const patience = o.patience ?? PATIENCE;
  try {
    const response = await outgoing.post(`${url}/add-checkpoint`, {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: o.body,
      most: MOST_BYTES,
      signal: AbortSignal.any([o.stop, AbortSignal.timeout(patience)]),
    });
    // Other bytes than UTF-8 make no valid line.
    const answer = response.body?.toString('utf8');
    if (answer === undefined) return problem(`it answered with more than ${MOST_BYTES} bytes`);
    if (response.status === 200) return cosignedBy(witness, answer, o);
    if (response.status === 409) return conflict(response.headers, answer);
    return problem(refusal(response.status));
  } catch (error) {
    if (error instanceof NotAsked) return problem(`it is not asked: ${error.message}`);
    return problem(`it could not be reached: ${reasonOf(error, patience)}`);
  }
}

function cosignedBy(witness: WitnessKey, answer: string, o: { note: string; now: Date }): WitnessReply {
  const none = `its answer holds no cosignature of the key ${keyIdHex(witness.keyId)} that fits the checkpoint`;
  try {
    const { text } = parseNote(o.note);
    // Judged by itself, so that nothing of the answer but this witness's line can have a say.
    const cosigned = `${text}\n${answer}`;
    const [found] = cosignaturesOf(cosigned, [witness]);
    const line = parseNote(cosigned).signatures.find(
      (s) => s.name === witness.name && s.keyId === witness.keyId,
    );
    if (found === undefined || line === undefined) return problem(none);
    const at = found.at * 1000;
    if (at > o.now.getTime() + MOST_AHEAD) return problem('its clock is more than a day ahead of ours');
    const id = Buffer.alloc(4);
    id.writeUInt32BE(line.keyId);
    const base64 = Buffer.concat([id, line.signature]).toString('base64');
    return { kind: 'cosigned', line: `— ${line.name} ${base64}\n`, at: new Date(at) };
  } catch {
    return problem(none);
  }
}

function conflict(headers: IncomingHttpHeaders, answer: string): WitnessReply {
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim();
  const size = type === SIZE_TYPE && /^(?:0|[1-9]\d{0,15})\n$/.test(answer) ? Number(answer) : Number.NaN;
  return Number.isSafeInteger(size)
    ? { kind: 'conflict', size }
    : problem('it knows another size of this log and did not say which (HTTP status 409)');
}

function refusal(status: number): string {
  if (status === 400) return 'it could not read the request (HTTP status 400)';
  if (status === 403)
    return 'it does not trust the key that signs this log now (HTTP status 403): its operator has to add the new key';
  if (status === 404)
    return "it does not watch this log (HTTP status 404): give its operator the log's key, and check the address";
  if (status === 422)
    return 'it refused (HTTP status 422): this log does not continue what it cosigned before. Find out what was rewritten before anything else';
  if (status >= 300 && status < 400)
    return 'it answered with a redirection, which is not followed; set the address it leads to';
  return `it answered with HTTP status ${status}`;
}

const problem = (sentence: string): WitnessReply => ({ kind: 'problem', problem: sentence });

function reasonOf(error: unknown, patience: number): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError') return `no answer within ${Math.round(patience / 1000)} seconds`;
  if (error.name === 'AbortError') return 'the server was stopped meanwhile';
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}
