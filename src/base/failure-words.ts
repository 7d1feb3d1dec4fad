import type { FailureCode } from './failure.ts';

/** What each code means, and what to do next, for whoever writes a program against the interface: docs/reference/errors.md is made of it. */
export const FAILURE_WORDS: Readonly<Record<FailureCode, readonly [means: string, next: string]>> = {
  BAD_INPUT: [
    'The address, a parameter or the shape of the body is not what this operation takes.',
    'Correct what `problems` names, then send it again.',
  ],
  BAD_JSON: [
    'The body is not valid JSON, or names a key twice.',
    'Correct the line and column in `problems`, then send it again.',
  ],
  NOT_SIGNED_IN: [
    'There is no session or API key, it has ended, or the password is wrong.',
    'Sign in, or send `Authorization: Bearer` with an API key that is in use.',
  ],
  NOT_ALLOWED: [
    'You may not do this.',
    'Ask somebody who may: the sentence names their roles. Sending it again does not help.',
  ],
  OWN_WORK: [
    'You may do this, but not to your own work or to yourself.',
    'Ask somebody else: the sentence says who can.',
  ],
  NOT_FOUND: [
    'There is nothing with this number or at this address, or you may not know of it.',
    'Check the number, and that you are signed in to the right organisation.',
  ],
  NO_SUCH_TRANSITION: [
    'The register has no step of this name.',
    'Take one of the steps that the sentence lists; the page of the register has them all.',
  ],
  WRONG_STATE: [
    'The record is in a state in which this is not done.',
    'Take the step that leads to the state it has to be in, then repeat.',
  ],
  CONFLICT: [
    'What you ask for does not fit what is there: another record, a rule, or a change that somebody made at the same moment.',
    'Read the sentence. Where something was changed meanwhile, read the record again, then repeat.',
  ],
  ALREADY_EXISTS: [
    'It is there already, and can be there once only.',
    'Use what is there, or choose another name.',
  ],
  REQUIREMENTS_MISSING: [
    'The step needs something that the record, or your request, does not have yet.',
    'Fill in what `problems` names, then take the step again.',
  ],
  IDEMPOTENCY_MISMATCH: [
    'This `Idempotency-Key` was used before, with another request.',
    'Take a new key for a new request; keep a key for repeating the very same one.',
  ],
  VERSION_MISMATCH: [
    'The record was changed since you read it.',
    'Read it again, look at what changed, then send your change with the new version in `If-Match`.',
  ],
  TOO_LARGE: ['The request, a file or what it would touch is larger than is done at once.', 'Split it.'],
  UNSUPPORTED_TYPE: [
    'The `Content-Type` is not one that is taken here.',
    'Send `application/json`, or `application/octet-stream` for a file.',
  ],
  WRONG_HOST: [
    'The request names a host that is not this server.',
    'Use the address that the server was started with, or have the name added with `--names`.',
  ],
  INVALID: [
    'The request is well formed, but what it says is not acceptable: a value, a reference, a row of a file.',
    'Correct each place in `problems`, then send all of it again: nothing was stored.',
  ],
  EVIDENCE_REFUSED: [
    'The result file cannot be read as evidence, or does not agree with itself.',
    'Export it again from the tool that made it; never correct it by hand. Nothing was stored.',
  ],
  TOO_MANY: ['Too many requests or attempts came in a short time.', 'Wait, then send it again.'],
  DAMAGED: [
    'Something that is stored is not what was stored: a file or an entry does not have the digest on record.',
    'Tell the operator of the server; it is restored from a backup (docs/guide/restore.md).',
  ],
  INTERNAL: [
    'The server failed in a way nobody foresaw.',
    'Report it with the `requestId`; the output of the server has the rest.',
  ],
  UNAVAILABLE: [
    'The server cannot do this now: it starts or stops, the database does not answer, or the log cannot be signed.',
    'Send it again later, with the same `Idempotency-Key`. `/healthz` says what is wrong.',
  ],
  CLOCK_BEHIND: [
    'The clock of the server is behind the newest entry in the log; nothing is written before it.',
    'Have the clock set right ("The clock" in docs/guide/restore.md), then send it again.',
  ],
  STORAGE_FULL: [
    'There is no room left on a disk of the server or of its database. Nothing was stored.',
    'Have room made, then send it again; the server goes on by itself.',
  ],
};
