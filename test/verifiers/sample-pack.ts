import { createHash, createPrivateKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { unzipSync, type Zippable, zipSync } from 'fflate';
import { canonicalJson } from '../../src/base/canonical.ts';
import { cosignerFromKey } from '../../src/ledger/cosignature.ts';
import {
  appendLeaves,
  bundlePath,
  commit,
  encodeBundle,
  encodeEntry,
  entryDigest,
  formatCheckpoint,
  type Group,
  inclusionProof,
  type LedgerEntry,
  leafHash,
  type Signer,
  signCheckpoint,
  signerFromKey,
  vkeyFromKey,
} from '../../src/ledger/index.ts';
import { snapshotRoot } from '../../src/ledger/snapshot.ts';

/**
 * Makes an audit pack from nothing: two logs (the second continues the first), a key that was rotated, a witness, erased parts, a
 * snapshot, evidence, a signed decision and a time stamp. Written apart from src/pack, so that a verifier that is right about one and
 * wrong about the other shows that the two disagree on the format.
 */
export type Files = Map<string, Buffer>;

const sha = (data: Uint8Array | string) => createHash('sha256').update(data).digest();
const hex = (data: Uint8Array | string) => sha(data).toString('hex');
const keyNumber = (n: number) =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), sha(`pack key ${n}`)]),
    format: 'der',
    type: 'pkcs8',
  });
const uuid = (n: number) => `0190f3a2-0000-7000-8000-${String(n).padStart(12, '0')}`;
const timeOf = (n: number) => new Date(Date.UTC(2026, 2, 1, 8) + n * 60_000).toISOString();

interface LogUnderWay {
  number: number;
  origin: string;
  entries: Buffer[];
  tiles: Map<string, Buffer>;
  size: number;
  root: Buffer;
}

interface Written {
  version: number;
  log: LogUnderWay;
  index: number;
  entry: Extract<LedgerEntry, { type: 'record' }>;
  digest: string;
  parts: Record<string, { salt: string; json: string }>;
}

interface Kept {
  ref: string;
  id: string;
  register: string;
  number: number;
  versions: Written[];
}

const PREFIX: Record<string, string> = { aiSystem: 'SYS', risk: 'RSK', evidence: 'EVD', gateDecision: 'GAT' };
export const WITNESS = cosignerFromKey('witness.example.com/w1', keyNumber(9));
export const EVIDENCE = Buffer.from('{"evaluated":44,"failed":0}\n'.repeat(40));

/** What is in the pack that tests ask for. */
export interface Sample {
  files: Files;
  /** Key that signed first; everything else is trusted through it. */
  oldVkey: string;
  vkey: string;
  size: number;
  /** Index of a record entry, and the record and version it made. */
  places: Map<number, { ref: string; version: number; file: string; line: number }>;
  erased: { ref: string; version: number; group: Group };
  /** The earlier state that the pack shows. */
  asOf: { log: number; size: number } | null;
  /** A checkpoint of the log that the state is of, over its first entries or over another root. */
  /** The first entry from which on rows carry the time of their entries. */
  exactFrom: { log: number; index: number } | undefined;
  signed(size: number, key?: 'its own' | 'a stranger', root?: Buffer): string;
}

export interface SampleOptions {
  size?: number;
  /** The log continues another one. */
  former?: boolean;
  /** The pack shows a state from before the erasure, of its own log or of the one before. */
  asOf?: 'present' | 'former';
  /** What was done to the log before, and what the log after it says of it. */
  formerly?: {
    /** Its first entry names no key, as that of an organisation's first log. */
    unnamed?: boolean;
    /** So many of its last entries are lost. */
    lost?: number;
    /** The next log says what is left; logs that 0.1.0 began do not. */
    pinned?: boolean;
    /** An erasure that hides what nobody erased was added to it since. */
    gutted?: boolean;
    /** A key that its entries do not name signed it; pack.json names that key. */
    stranger?: boolean;
    /** The next log says what there is although nothing was lost. */
    whole?: boolean;
    /** Taken off its end since, and signed anew. */
    cut?: number;
    /** The log after it says that its key was lost, and names that key or another one. */
    keyLost?: 'its own' | 'another';
    /** Some versions of the log after it are older than that log: they had waited. */
    waited?: boolean;
    /** Changed in place since: another entry stands where its last one did. */
    changed?: boolean;
  };
  /** Where a log says that rows carry the time of their entries: in the first entry of a log, or in a note of the second one. */
  exact?: 'former' | 'present' | 'note';
  /** What the first of two versions of RSK-0002 says in some of its groups, committed to as it is. */
  odd?: Partial<Record<Group, unknown>>;
  /** What the entry about the erasure says instead of what was erased. */
  saysErased?: Partial<Extract<LedgerEntry, { type: 'log' }>>;
}

/** A pack of about `size` entries. */
export function samplePack({
  size = 300,
  former = true,
  asOf: early,
  saysErased,
  formerly = {},
  exact,
  odd = {},
}: SampleOptions = {}): Sample {
  const records = new Map<string, Kept>();
  const open = (number: number): LogUnderWay => ({
    number,
    origin: `aims.example.com/acme/log${number}`,
    entries: [],
    tiles: new Map(),
    size: 0,
    root: sha(''),
  });
  const append = (log: LogUnderWay, entry: LedgerEntry): Buffer => {
    const bytes = encodeEntry(entry);
    const store = { get: (level: number, index: number) => log.tiles.get(`${level}/${index}`) };
    const grown = appendLeaves(log.size, store, [leafHash(bytes)]);
    for (const t of grown.tiles) log.tiles.set(`${t.level}/${t.index}`, t.data);
    log.entries.push(bytes);
    log.size = grown.size;
    log.root = grown.root;
    return bytes;
  };
  const replaceLast = (log: LogUnderWay, entry: LedgerEntry) => {
    rewrite(log, [...log.entries.slice(0, -1), encodeEntry(entry)]);
  };
  const rewrite = (log: LogUnderWay, entries: readonly Buffer[]) => {
    Object.assign(log, { entries: [], tiles: new Map(), size: 0, root: sha('') });
    for (const bytes of entries) append(log, JSON.parse(bytes.toString()) as LedgerEntry);
  };
  let tick = 0;
  const write = (
    log: LogUnderWay,
    register: string,
    number: number,
    groups: Partial<Record<Group, unknown>>,
  ) => {
    const ref = `${PREFIX[register]}-${String(number).padStart(4, '0')}`;
    const kept = records.get(ref) ?? { ref, id: uuid(records.size + 1), register, number, versions: [] };
    records.set(ref, kept);
    const before = kept.versions.at(-1);
    const version = (before?.version ?? 0) + 1;
    const parts: Written['parts'] = {};
    const c: Record<string, string> = {};
    for (const [group, value] of Object.entries({
      ...groups,
      ...(ref === 'RSK-0002' && version === 1 ? odd : {}),
      actor: { ref: 'PRS-0001', as: 'aimsManager' },
    })) {
      const salt = sha(`salt ${ref} ${version} ${group}`);
      parts[group] = { salt: salt.toString('hex'), json: canonicalJson(value) };
      c[group] = commit(group, value, salt);
    }
    const transition = version % 3 === 2;
    const entry: Written['entry'] = {
      v: 1,
      type: 'record',
      at: timeOf(++tick),
      register,
      id: kept.id,
      number,
      version,
      act:
        version === 1
          ? register === 'risk' && number === 3
            ? 'import'
            : 'create'
          : transition
            ? 'transition'
            : 'edit',
      ...(version > 1 && transition ? { transition: 'submit' } : {}),
      state: version > 1 ? 'submitted' : 'draft',
      ...(before ? { prev: before.digest } : {}),
      c,
    };
    const digest = entryDigest(append(log, entry));
    kept.versions.push({ version, log, index: log.size - 1, entry, digest, parts });
    return kept.versions.at(-1)!;
  };
  const write10 = (log: LogUnderWay, i: number) =>
    write(log, i % 2 ? 'risk' : 'aiSystem', 1 + (i % 7), {
      values: { name: `Zoë’s bot ${i}`, score: i / 8, tags: ['a', null, { at: 1, of: 'x' }] },
      people: { owner: 'PRS-0001' },
      ...(i % 3 ? { text: { purpose: `Answers "questions"\n\u2028 ${i}` } } : {}),
      ...(i % 4 ? { links: { systems: ['SYS-0002', 'SYS-0001'] } } : {}),
    });

  const [k0, k1] = [keyNumber(1), keyNumber(2)];
  const first = open(1);
  const logs = [first];
  let log = first;
  const note = (l: LogUnderWay, signers: Signer[]) =>
    signCheckpoint({ origin: l.origin, size: l.size, root: l.root }, signers);
  const firstKey = keyNumber(3);
  if (former) {
    const { vkey, ...unnamed } = openEntry(first.origin, vkeyFromKey(first.origin, firstKey));
    const said = exact === 'former' ? { ...unnamed, about: 'rows.entered' } : unnamed;
    append(first, formerly.unnamed ? said : { ...said, vkey });
    for (let i = 0; i < 11; i++) write10(first, i);
    if (formerly.changed)
      append(first, {
        v: 1,
        type: 'log',
        at: timeOf(tick),
        act: 'note',
        origin: first.origin,
        about: 'log.public',
      });
    log = open(2);
    logs.push(log);
  }
  const [s0, s1] = [signerFromKey(log.origin, k0), signerFromKey(log.origin, k1)];
  const [v0, v1] = [vkeyFromKey(log.origin, k0), vkeyFromKey(log.origin, k1)];
  const base64 = (l: LogUnderWay) => l.root.toString('base64');
  const { lost = 0, pinned = true, gutted, changed, whole, cut = 0 } = formerly;
  const previous = former
    ? {
        origin: first.origin,
        size: first.size + lost,
        root: lost > 0 ? Buffer.alloc(32, 5).toString('base64') : base64(first),
        ...(whole || (lost > 0 && pinned) ? { left: { size: first.size, root: base64(first) } } : {}),
      }
    : undefined;
  if (cut > 0) rewrite(first, first.entries.slice(0, -cut));
  if (gutted) {
    const victim = [...records.values()][0]!.versions[0]!;
    delete victim.parts.people;
    const told = {
      about: 'erasure',
      basis: 'gdpr.17.1.a',
      entries: [victim.index],
      groups: ['people'],
    } as const;
    const note = { v: 1, type: 'log', at: timeOf(tick), act: 'note', origin: first.origin, ...told } as const;
    if (changed) replaceLast(first, note);
    else append(first, note);
  }
  append(log, {
    ...openEntry(log.origin, v0),
    ...(formerly.waited ? { at: timeOf(tick + 4) } : {}),
    ...(previous ? { previous } : {}),
    ...(exact === 'present' ? { about: 'rows.entered' } : {}),
  });
  const checkpoints: { size: number; note: string; at: string }[] = [];
  const keep = (...signers: Signer[]) =>
    checkpoints.push({ size: log.size, note: note(log, signers), at: timeOf(tick) });
  const say = (more: Partial<Extract<LedgerEntry, { type: 'log' }>>) =>
    append(log, { v: 1, type: 'log', at: timeOf(++tick), act: 'note', origin: log.origin, ...more });

  if (formerly.keyLost)
    say({
      about: 'key.lost',
      vkey: vkeyFromKey(first.origin, formerly.keyLost === 'its own' ? firstKey : keyNumber(7)),
    });

  const marks = (part: number) => Math.floor(size * part);
  const state = early === 'former' ? { of: first, size: 8 } : { of: log, size: marks(0.65) };
  const asOf = early ? { log: state.of.number, size: state.size } : null;
  const signed: Sample['signed'] = (n, key = 'its own', root = rootOver(state.of.entries.slice(0, n))) => {
    const own = early === 'former' ? firstKey : k1;
    const signer = signerFromKey(state.of.origin, key === 'its own' ? own : keyNumber(7));
    return signCheckpoint({ origin: state.of.origin, size: n, root }, [signer]);
  };
  let erased: Sample['erased'] | undefined;
  const evidence = hex(EVIDENCE);
  for (let i = 0; log.size < size; i++) {
    if (log.size === marks(0.2)) keep(s0);
    if (log.size === marks(0.3)) say({ about: 'key.rotate', vkey: v1 });
    else if (log.size === marks(0.4)) {
      keep(s0, s1);
      write10(log, i);
    } else if (exact === 'note' && log.size === marks(0.45)) say({ about: 'rows.entered' });
    else if (log.size === marks(0.5)) snapshot(log);
    else if (log.size === marks(0.55))
      write(log, 'evidence', 1, {
        values: { title: 'Results', file: `sha256:${evidence}`, fileName: 'r.json' },
      });
    else if (log.size === marks(0.6))
      write(log, 'gateDecision', 1, { values: { title: 'Allowed' }, text: { attestation: DECISION } });
    else if (log.size === marks(0.7)) {
      const victim = [...records.values()].find((r) => r.register === 'risk')!.versions[0]!;
      erased = { ref: refOf(victim), version: victim.version, group: 'people' };
      delete victim.parts.people;
      const of = victim.log === log ? {} : { of: victim.log.origin };
      const told = {
        about: 'erasure',
        basis: 'gdpr.17.1.a',
        entries: [victim.index],
        groups: ['people'] as const,
      };
      say(saysErased?.about ? saysErased : { ...told, ...of, ...saysErased });
    } else write10(log, i);
    if (log.size === marks(0.9)) keep(s1);
  }
  function refOf(v: Written) {
    return [...records.values()].find((r) => r.versions.includes(v))!.ref;
  }
  function snapshot(l: LogUnderWay) {
    const rows = [...records.values()].map((r) => ({
      id: r.id,
      version: r.versions.at(-1)!.version,
      digest: r.versions.at(-1)!.digest,
    }));
    const { records: count, root } = snapshotRoot(rows);
    append(l, {
      v: 1,
      type: 'log',
      at: timeOf(++tick),
      act: 'note',
      origin: l.origin,
      about: 'snapshot',
      snapshot: { records: count, root: root.toString('base64') },
    });
  }

  const files: Files = new Map();
  const put = (path: string, data: string | Buffer) => files.set(path, Buffer.from(data));
  const lines = (list: unknown[]) => list.map((v) => `${JSON.stringify(v)}\n`).join('');
  put('README.md', '# An audit pack\n');
  put('verify.html', '<!doctype html>\n');
  for (const l of logs) {
    const at = l === log ? 'log/' : `log/former/${l.number}/`;
    for (let n = 0; n * 256 < l.size; n++) {
      const some = l.entries.slice(n * 256, n * 256 + 256);
      put(`${at}${bundlePath(n, some.length)}`, encodeBundle(some));
    }
    for (const [place, data] of l.tiles) {
      const [level, index] = place.split('/').map(Number);
      const width = data.length / 32;
      put(`${at}tile/${level}/${String(index).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`, data);
    }
  }
  const strangers = keyNumber(8);
  const formerSigner = formerly.stranger ? strangers : firstKey;
  if (former) put('log/former/1/checkpoint', note(first, [signerFromKey(first.origin, formerSigner)]));
  const text = formatCheckpoint({ origin: log.origin, size: log.size, root: log.root });
  put('log/checkpoint', note(log, [s1]) + WITNESS.cosign(text, 1_780_000_000));
  put('log/vkey', `${v1}\n`);
  put('log/policy', `log ${v1}\nwitness w1 ${WITNESS.vkey}\nquorum w1\n`);
  put('log/checkpoints.jsonl', lines(checkpoints));
  const stamped = checkpoints[0]!;
  const body = `${stamped.note.split('\n\n')[0]}\n`;
  // A stamp without certificates does not hold for a verifier that looks at who signed it.
  if (!early && !exact) {
    put(`stamps/${stamped.size}.body`, body);
    put(`stamps/${stamped.size}.tsr`, timeStamp(sha(body)));
  }
  if (asOf) {
    put('log/as-of', signed(asOf.size));
    for (const [ref, record] of records) {
      record.versions = record.versions.filter(
        (v) => v.log.number < asOf.log || (v.log.number === asOf.log && v.index < asOf.size),
      );
      if (record.versions.length === 0) records.delete(ref);
    }
  }
  const attached = records.has('EVD-0001');
  put(
    'evidence/index.jsonl',
    lines(
      attached ? [{ sha256: evidence, bytes: EVIDENCE.length, fileName: 'r.json', ref: 'EVD-0001' }] : [],
    ),
  );
  if (attached) put(`evidence/${evidence}`, EVIDENCE);
  if (attached) put('decisions/GAT-0001.dsse.json', DECISION);
  const places: Sample['places'] = new Map();
  for (const register of Object.keys(PREFIX)) {
    const own = [...records.values()]
      .filter((r) => r.register === register)
      .sort((a, b) => a.number - b.number);
    const path = `records/${register}.jsonl`;
    if (own.length > 0) put(path, lines(own.map((r) => packRecord(r, asOf !== null))));
    if (own.length > 0 && !asOf) put(`documents/${register}.csv`, table(own));
    for (const [i, r] of own.entries())
      for (const v of r.versions)
        if (v.log === log) places.set(v.index, { ref: r.ref, version: v.version, file: path, line: i + 1 });
  }
  const manifest = {
    format: 'openaims.audit-pack/1',
    origin: log.origin,
    log: log.number,
    organisation: 'acme',
    name: 'ACME Ltd',
    size: log.size,
    root: log.root.toString('base64'),
    asOf: asOf && { ...asOf, at: timeOf(1) },
    system: null,
    madeAt: timeOf(tick + 1),
    vkeys: [v1, v0],
    gateKey: GATE.publicKey.export({ type: 'spki', format: 'pem' }),
    former: former
      ? [
          {
            number: 1,
            origin: first.origin,
            size: first.size,
            root: first.root.toString('base64'),
            vkeys: [vkeyFromKey(first.origin, formerSigner)],
          },
        ]
      : [],
    files: {},
  };
  put('pack.json', JSON.stringify(manifest));
  seal(files);
  const exactFrom =
    exact &&
    {
      former: { log: 1, index: 0 },
      present: { log: 2, index: 0 },
      note: { log: 2, index: marks(0.45) },
    }[exact];
  return { files, oldVkey: v0, vkey: v1, size: log.size, places, erased: erased!, asOf, exactFrom, signed };
}

const rootOver = (entries: Buffer[]): Buffer =>
  appendLeaves(
    0,
    { get: () => undefined },
    entries.map((e) => leafHash(e)),
  ).root;

function openEntry(origin: string, vkey: string): Extract<LedgerEntry, { type: 'log' }> {
  return { v: 1, type: 'log', at: timeOf(0), act: 'open', origin, vkey };
}

/** As the product writes tables: text a spreadsheet would run gets an apostrophe, lists are joined, other values are JSON. */
function table(own: Kept[]): string {
  const held = new Set(
    own.flatMap((r) => {
      const { values, links } = packRecord(r, false).present!;
      return [...Object.keys(values), ...Object.keys(links)];
    }),
  );
  // Before the last one stands one that 0.1.0 wrote although no record says anything there.
  const unsaid = { aiSystem: 'stage', risk: 'reviewBy', evidence: 'claim', gateDecision: 'basis' }[
    own[0]!.register
  ]!;
  const known = ['name', 'score', 'tags', 'owner', 'purpose', 'title', 'file', 'fileName', 'attestation'];
  const columns = [...known.filter((c) => held.has(c)), unsaid, ...(held.has('systems') ? ['systems'] : [])];
  const rows = own.map((r) => {
    const { present, versions } = packRecord(r, false);
    const said: Record<string, unknown> = { ...present!.values, ...present!.links };
    const cell = (v: unknown) =>
      v === undefined
        ? ''
        : typeof v === 'string'
          ? v.replace(/^[=+@-]/, "'$&")
          : Array.isArray(v) && v.every((x) => typeof x === 'string')
            ? v.join('; ')
            : JSON.stringify(v);
    const ends = [present!.state, `${present!.version}`, versions[0]!.at, versions.at(-1)!.at];
    return [r.ref, ...columns.map((c) => cell(said[c])), ...ends];
  });
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [['ref', ...columns, 'state', 'version', 'createdAt', 'updatedAt'], ...rows]
    .map((row) => `${row.map(quoted).join(',')}\n`)
    .join('');
}

function packRecord(r: Kept, early: boolean) {
  const last = r.versions.at(-1)!;
  const part = (group: string) => JSON.parse(last.parts[group]?.json ?? '{}') as Record<string, unknown>;
  return {
    ref: r.ref,
    id: r.id,
    register: r.register,
    number: r.number,
    present: early
      ? null
      : {
          version: last.version,
          state: last.entry.state,
          title: r.ref,
          values: { ...part('values'), ...part('people'), ...part('text') },
          derived: {},
          links: part('links'),
        },
    versions: r.versions.map((v) => ({
      version: v.version,
      log: v.log.number,
      index: v.index,
      at: v.entry.at,
      act: v.entry.act,
      transition: v.entry.transition ?? null,
      state: v.entry.state,
      actor: 'PRS-0001',
      digest: v.digest,
      // Whose entry was cut off has none.
      proof: (v.index < v.log.size
        ? inclusionProof(v.index, v.log.size, {
            get: (level, index) => v.log.tiles.get(`${level}/${index}`),
          })
        : []
      ).map((h) => h.toString('base64')),
      parts: v.parts,
      erased: Object.keys(v.entry.c).filter((g) => !(g in v.parts)),
    })),
  };
}

const GATE = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const DECISION = (() => {
  const payload = Buffer.from(canonicalJson({ _type: 'https://in-toto.io/Statement/v1', subject: [] }));
  const type = 'application/vnd.in-toto+json';
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const spki = GATE.publicKey.export({ type: 'spki', format: 'der' });
  const sig = signBytes('sha256', pae, { key: GATE.privateKey, dsaEncoding: 'der' }).toString('base64');
  return canonicalJson({
    payload: payload.toString('base64'),
    payloadType: type,
    signatures: [{ keyid: sha(spki).toString('base64'), sig }],
  });
})();

/** A TimeStampResp (RFC 3161) over a hash, without a signature: what reads only the imprint cannot tell. */
export function timeStamp(imprint: Buffer): Buffer {
  const der = (tag: number, ...inner: Buffer[]): Buffer => {
    const body = Buffer.concat(inner);
    const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
    return Buffer.concat([Buffer.from([tag, ...size]), body]);
  };
  const oid = (text: string) => der(6, Buffer.from(text, 'hex'));
  const number = (n: number) => der(2, Buffer.from([n]));
  const sha256 = der(0x30, oid('608648016503040201'), der(5));
  const tst = der(
    0x30,
    number(1),
    oid('2a0304'),
    der(0x30, sha256, der(4, imprint)),
    number(7),
    der(0x18, Buffer.from('20260301120000Z')),
  );
  const content = der(0x30, oid('2a864886f70d0109100104'), der(0xa0, der(4, tst)));
  const signed = der(0x30, number(3), der(0x31, sha256), content, der(0x31));
  return der(0x30, der(0x30, number(0)), der(0x30, oid('2a864886f70d010702'), der(0xa0, signed)));
}

/** Writes the hashes of all files anew into pack.json: what whoever changed a pack would do. */
export function seal(files: Files): void {
  const manifest = JSON.parse(files.get('pack.json')!.toString()) as { files: Record<string, string> };
  manifest.files = {};
  for (const path of [...files.keys()].sort())
    if (path !== 'pack.json') manifest.files[path] = hex(files.get(path)!);
  files.set('pack.json', Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`));
}

/** The files as one ZIP. */
/** `stored` packs nothing, which is quicker where thousands are made. */
export function zipOf(files: Files, stored = false): Buffer {
  const tree: Zippable = {};
  for (const [path, data] of files)
    tree[path] = [data, { level: data.length > 200 && !stored ? 6 : 0, mtime: '2026-03-01' }];
  return Buffer.from(zipSync(tree));
}

export function filesOf(zip: Buffer): Files {
  return new Map(Object.entries(unzipSync(zip)).map(([path, data]) => [path, Buffer.from(data)]));
}
