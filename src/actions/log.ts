import * as z from 'zod';
import {
  differences,
  keyRotated,
  logBegun,
  logStanding,
  logView,
  servedLogs,
  stampDetail,
  stampPage,
  stampsOff,
  stampsSet,
  tokenMade,
  witnessAdded,
  witnessList,
  witnessRemoved,
} from '../answers/log.ts';
import { committed } from '../answers/record.ts';
import { defineAction } from './action.ts';
import { asOf, filled, limit, whole, words } from './params.ts';

const tag = 'Ledger';
const reason = z.string().max(5000).optional();
const password = z.string().max(200).optional();

export const readLog = defineAction({
  id: 'log',
  method: 'GET',
  path: 'log',
  tag,
  summary: 'Head of the log and its newest entries',
  query: {
    before: whole('only entries below this index', 0, 2 ** 31 - 1, 2 ** 31 - 1),
    limit: whole('1 to 200; 50 unless told', 1, 200, 50),
    number: whole('which log, when there is more than one; the open one unless told', 1, 999_999, undefined),
  },
  answer: logView,
});

/** Beside the tiles of the log, which have addresses of their own (`api/log`). */
export const readLogs = defineAction({
  id: 'log.served',
  method: 'GET',
  path: '/log/:org/logs',
  tag,
  access: 'public',
  summary: 'The logs of an organisation: the one that is signed on, and those before it',
  answer: servedLogs,
});

export const standing = defineAction({
  id: 'log.standing',
  method: 'GET',
  path: 'log/standing',
  tag,
  summary: 'Whether the log is signed at this moment, and what waits',
  answer: logStanding,
});

export const auditPack = defineAction({
  id: 'auditPack',
  method: 'GET',
  path: 'audit-pack',
  tag,
  summary: 'Everything in one ZIP that anybody can verify offline: records, versions, log, evidence, proofs',
  query: { system: words('only the records around this AI system, such as SYS-0001'), asOf },
  answer: 'application/zip',
});

export const compare = defineAction({
  id: 'differences',
  method: 'GET',
  path: 'differences',
  tag,
  summary: 'Records created and changed between two points, with both states, by whom and when',
  query: {
    from: filled('the first point: a time (RFC 3339), a day (its end, UTC) or a size of the log'),
    to: filled('the second point; the present unless told'),
    register: filled('only this register'),
    after: filled('cursor of the page before (its `next`); it carries both points and the register'),
    limit,
  },
  answer: differences,
});

export const setVisibility = defineAction({
  id: 'log.visibility',
  method: 'POST',
  path: 'log/visibility',
  tag,
  summary: 'Open the log to everybody, or close it',
  writes: true,
  body: z.strictObject({ public: z.boolean(), reason }),
  answer: committed,
});

export const setToken = defineAction({
  id: 'log.token',
  method: 'POST',
  path: 'log/token',
  tag,
  summary: 'Make or withdraw the read token of a private log; it is shown once',
  writes: true,
  body: z.strictObject({ withdraw: z.boolean().optional(), reason }),
  answer: tokenMade,
});

/** Longest time in days that an old key signs beside its successor. */
export const MAX_OVERLAP_DAYS = 365;
const days = `expected a whole number of days from 1 to ${MAX_OVERLAP_DAYS}`;

export const rotateKey = defineAction({
  id: 'log.rotateKey',
  method: 'POST',
  path: 'log/rotate-key',
  tag,
  summary: 'Give the log a new key; the old one signs beside it for some days',
  writes: true,
  body: z.strictObject({
    overlapDays: z.number(days).int(days).min(1, days).max(MAX_OVERLAP_DAYS, days).default(30),
    reason,
    password,
  }),
  answer: keyRotated,
});

export const beginNew = defineAction({
  id: 'log.new',
  method: 'POST',
  path: 'log/new',
  tag,
  summary:
    'Freeze the log and continue in a new one: its database or its key is lost, or its key is in other hands',
  writes: true,
  body: z.strictObject({ because: z.enum(['lost', 'compromised', 'keyLost']), reason, password }),
  answer: logBegun,
});

const vkey = z.string().min(1).max(1200);

export const witnesses = defineAction({
  id: 'log.witnesses',
  method: 'GET',
  path: 'log/witnesses',
  tag,
  summary: 'The witnesses of the log, and what each cosigned last',
  answer: witnessList,
});

export const addWitness = defineAction({
  id: 'log.witnesses.add',
  method: 'POST',
  path: 'log/witnesses',
  tag,
  summary: 'Have a witness asked to cosign every checkpoint (C2SP tlog-witness)',
  writes: true,
  body: z.strictObject({ vkey, url: z.string().min(1).max(2000), reason }),
  answer: witnessAdded,
});

export const removeWitness = defineAction({
  id: 'log.witnesses.remove',
  method: 'POST',
  path: 'log/witnesses/remove',
  tag,
  summary: 'Have a witness asked no more; what it cosigned stays',
  writes: true,
  body: z.strictObject({ vkey, reason }),
  answer: witnessRemoved,
});

export const stamps = defineAction({
  id: 'log.stamps',
  method: 'GET',
  path: 'log/stamps',
  tag,
  summary: 'The time-stamping authority, and the stamps it gave or still owes',
  query: { after: words('`next` of the page before'), limit: whole('1 to 200; 50 unless told', 1, 200, 50) },
  answer: stampPage,
});

export const setStamps = defineAction({
  id: 'log.stamps.set',
  method: 'POST',
  path: 'log/stamps/service',
  tag,
  summary: 'Have a time-stamping authority stamp a checkpoint each hour or day',
  writes: true,
  body: z.strictObject({
    url: z.string().min(1).max(2000),
    chain: z.string().min(1).max(65_536),
    every: z.enum(['hour', 'day']),
    reason,
  }),
  answer: stampsSet,
});

export const stopStamps = defineAction({
  id: 'log.stamps.off',
  method: 'POST',
  path: 'log/stamps/service/off',
  tag,
  summary: 'Have no more checkpoints stamped',
  writes: true,
  body: z.strictObject({ reason }),
  answer: stampsOff,
});

const log = whole('number of the log; the open one unless told', 1, 1_000_000, undefined);

export const readStamp = defineAction({
  id: 'log.stamps.one',
  method: 'GET',
  path: 'log/stamps/:size',
  tag,
  summary: 'The stamp of the checkpoint of this size, with the certificates it was checked with',
  query: { log },
  answer: stampDetail,
});

export const readStampToken = defineAction({
  id: 'log.stamps.token',
  method: 'GET',
  path: 'log/stamps/:size/token',
  tag,
  summary: 'The stamp itself (TimeStampResp in DER), as `openssl ts` reads it',
  query: { log },
  answer: 'application/timestamp-reply',
});
