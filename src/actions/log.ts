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
import { bad, good } from './command.ts';
import { asOf, filled, limit, whole, words } from './params.ts';

const tag = 'Ledger';
const reason = z.string().max(5000).optional();
/** An option of what is written into the log. */
const WHY = { as: '--reason <text>', says: 'why, kept with the act' };
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
  command: {
    name: 'log entries',
    says: 'The newest entries of the log.',
    takes: {
      limit: { as: '--limit <n>', says: 'how many, at most 200', unlessTold: '50' },
      before: { as: '--before <index>', says: 'only entries before this one' },
    },
    form: 'table',
    shows(page, say) {
      const row = (e: (typeof page.entries)[number]) => [
        e.index,
        e.at,
        e.ref,
        e.version,
        e.transition ?? e.about ?? e.act,
        e.state,
        e.digest,
      ];
      say.table(['Entry', 'When', 'Record', 'Version', 'Act', 'State', 'Digest'], page.entries.map(row));
      const pending = page.pending > 0 ? `, ${page.pending} not entered yet` : '';
      say.note(`${page.origin}: ${page.size} entries, root ${page.root}${pending}`);
    },
  },
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
  command: {
    name: 'log status',
    says: 'Whether the log is signed at this moment, what waits for its place in it, and what to do. Exit code: 0 signed, 1 not.',
    form: 'json',
    refuses: (found) => !found.signed,
    shows({ still, waiting, waitingSince }, say) {
      if (!still) say.line(good('The log is signed.'));
      else {
        say.line(bad(`The log is not signed: ${still.text}`));
        say.line(still.means.text);
        say.line(still.next.text);
      }
      const wait = waiting === 1 ? 'entry waits' : 'entries wait';
      if (waiting > 0) say.line(`${waiting} ${wait} for a place in it, the oldest of ${waitingSince}.`);
    },
  },
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
  command: [
    {
      name: 'log public',
      says: 'Open the log to everybody. It holds no personal data and no text, but says when what changed.',
      takes: { reason: WHY },
      sends: { public: true },
      shows: (_, say) => say.line(`The log of ${say.here.org} is public.`),
    },
    {
      name: 'log private',
      says: 'Close the log to all but members and holders of its read token.',
      takes: { reason: WHY },
      sends: { public: false },
      shows: (_, say) => say.line(`The log of ${say.here.org} is private.`),
    },
  ],
});

export const setToken = defineAction({
  id: 'log.token',
  method: 'POST',
  path: 'log/token',
  tag,
  summary: 'Make or withdraw the read token of a private log; it is shown once',
  writes: 'showsOnce',
  body: z.strictObject({ withdraw: z.boolean().optional(), reason }),
  answer: tokenMade,
  command: {
    name: 'log token',
    says: 'Make the read token of a private log, in place of an earlier one; it is shown once. Send it as "Authorization: Bearer …".',
    takes: { reason: WHY, withdraw: 'end the token instead' },
    shows({ token }, say) {
      if (!token) return say.line('The read token is withdrawn.');
      say.line(token);
      say.note('Keep it: it is not shown again. It reads the log and nothing else.');
    },
  },
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
  command: {
    name: 'log rotate-key',
    says: 'Give the log a new key. For some days both keys sign, so that nobody who trusts the old one is left behind. You authenticate again.',
    takes: {
      reason: WHY,
      password: 'Your password, to change the key of the log: ',
      overlapDays: {
        as: '--overlap-days <n>',
        says: `days for which the old key signs too, 1 to ${MAX_OVERLAP_DAYS}`,
        unlessTold: '30',
      },
    },
    shows({ vkey, until }, say) {
      say.line(vkey);
      say.note(
        `Both keys sign until ${until}. Hand out the new key before then, and copy the folder of keys into your backup.`,
      );
    },
  },
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
  command: {
    name: 'log new',
    says: 'Freeze the log and continue in a new one, whose first entry names the last head of the old one. Only when the newest database or the key is lost, or the key is in other hands. You authenticate again.',
    takes: {
      reason: WHY,
      password: 'Your password, to begin a new log: ',
      because: { as: '--because <cause>', says: 'what happened' },
    },
    shows({ origin, vkey }, say) {
      say.line(`${origin} ${vkey}`);
      say.note('Hand this key to everybody who trusts the log, by a way that is not this server.');
    },
  },
});

const vkey = z.string().min(1).max(1200);

export const witnesses = defineAction({
  id: 'log.witnesses',
  method: 'GET',
  path: 'log/witnesses',
  tag,
  summary: 'The witnesses of the log, and what each cosigned last',
  answer: witnessList,
  command: {
    name: 'log witness list',
    says: 'The witnesses, and what each cosigned last.',
    form: 'table',
    shows({ items, size }, say) {
      if (items.length === 0)
        say.note('Unwitnessed: the operator of this server could still rewrite the whole log.');
      const row = ({ name, url, cosigned, problem }: (typeof items)[number]) => [
        name,
        url,
        cosigned ? `${cosigned.size} of ${size}` : 'nothing',
        cosigned?.at,
        problem,
      ];
      if (items.length > 0) say.table(['Witness', 'Address', 'Cosigned', 'At', 'Problem'], items.map(row));
    },
  },
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
  command: {
    name: 'log witness add',
    says: 'Have a witness asked to cosign every checkpoint. Hand its operator the key of your log first.',
    takes: {
      vkey: { argument: true, says: "the witness's verifier key" },
      url: { argument: true, as: 'address', says: 'its address, such as https://witness.example.org' },
      reason: WHY,
    },
    shows: ({ witness }, say) => say.line(`${witness.name} is asked at ${witness.url} from now on.`),
  },
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
  command: {
    name: 'log witness remove',
    says: 'Have a witness asked no more. What it cosigned stays.',
    takes: { vkey: { argument: true, says: "the witness's verifier key" }, reason: WHY },
    shows: (_, say) => say.line('It is asked no more.'),
  },
});

export const stamps = defineAction({
  id: 'log.stamps',
  method: 'GET',
  path: 'log/stamps',
  tag,
  summary: 'The time-stamping authority, and the stamps it gave or still owes',
  query: { after: words('`next` of the page before'), limit: whole('1 to 200; 50 unless told', 1, 200, 50) },
  answer: stampPage,
  command: {
    name: 'log stamps list',
    says: 'The authority that is set, and the newest stamps.',
    takes: {
      limit: { as: '--limit <n>', says: 'how many, at most 200', unlessTold: '50' },
      after: { as: '--after <cursor>', says: 'go on after the page before' },
    },
    form: 'table',
    shows({ items, service, next }, say) {
      const row = (s: (typeof items)[number]) => [
        s.log,
        s.size,
        s.queuedAt,
        s.stampedAt ?? 'waits',
        s.problem ?? s.url ?? '',
        s.nextTry ?? '',
      ];
      const head = ['Log', 'Size', 'Queued', 'Stamped', 'By, or why not', 'Next try'];
      if (items.length > 0) say.table(head, items.map(row));
      say.note(
        service
          ? `Each ${service.every} in which the log grew is stamped by ${service.url}.`
          : 'No time-stamping authority is set.',
      );
      if (next) say.note(`More: --after ${next}`);
    },
  },
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
  command: {
    name: 'log stamps off',
    says: 'Have no more checkpoints stamped. Stamps that were had stay.',
    takes: { reason: { as: '--reason <text>', says: 'why, for the record of it' } },
    shows: (_, say) => say.line('No time-stamping authority is set.'),
  },
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
