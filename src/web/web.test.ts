import { createHmac, generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendLeaves,
  encodeBundle,
  parseTilePath,
  signCheckpoint,
  signerFromKey,
  vkeyFromKey,
} from '../ledger/index.ts';
import type { RegisterMeta } from '../register/describe.ts';
import { fieldOfPath } from './api/client.ts';
import { withAsOf } from './api/queries.ts';
import { codeText, durationText, roleText, words } from './kit/format.ts';
import { inputOf, pointOf } from './kit/point.ts';
import { heldOf } from './pages/changes/changes-held.ts';
import { nextSteps } from './pages/home/next-steps.ts';
import { commitment, commitmentStep, digestStep, shownStep } from './proof/disclosed.ts';
import { checkConsistency, checkInclusion, leafHash, rootOf } from './proof/merkle.ts';
import { fromBase64, openCheckpoint, parseVerifierKey, toBase64 } from './proof/note.ts';
import { type FetchTile, indexPath, TileReader } from './proof/tiles.ts';
import { verifyLog } from './proof/verify.ts';
import { changes, given } from './records/entries.ts';
import { filtersOf, listQuery, nextSort, STANDING, toggled, withFilter } from './records/filters.ts';
import { type DiffLine, lineDiff, nearChanges } from './views/document/line-diff.ts';

const ORIGIN = 'log.example/test';

/** A log made by the server's own code, served as the tile API serves it. */
function madeLog(count: number, alter: (entry: Uint8Array, i: number) => Uint8Array = (e) => e) {
  const entries = Array.from({ length: count }, (_, i) => new TextEncoder().encode(`{"entry":${i}}`));
  const appended = appendLeaves(
    0,
    { get: () => undefined },
    entries.map((e) => Buffer.from(leafHash(e))),
  );
  const { privateKey } = generateKeyPairSync('ed25519');
  const checkpoint = signCheckpoint({ origin: ORIGIN, size: count, root: appended.root }, [
    signerFromKey(ORIGIN, privateKey),
  ]);
  const fetchTile: FetchTile = async (path) => {
    const place = parseTilePath(path);
    if (!place) return undefined;
    if (place.kind === 'entries') {
      const first = place.index * 256;
      const some = entries.slice(first, first + place.width).map((e, i) => alter(e, first + i));
      return some.length === place.width ? new Uint8Array(encodeBundle(some)) : undefined;
    }
    const tile = appended.tiles.find((t) => t.level === place.level && t.index === place.index);
    return tile && tile.data.length >= place.width * 32
      ? new Uint8Array(tile.data.subarray(0, place.width * 32))
      : undefined;
  };
  return {
    entries,
    root: new Uint8Array(appended.root),
    checkpoint,
    vkey: vkeyFromKey(ORIGIN, privateKey),
    fetchTile,
  };
}

describe('proofs from tiles, against a log that the server side made', () => {
  it('proves inclusion and consistency at every kind of edge', async () => {
    for (const size of [1, 2, 3, 255, 256, 257, 511, 513, 700]) {
      const log = madeLog(size);
      const reader = new TileReader(log.fetchTile, size);
      for (const index of new Set([0, size >> 1, size - 1])) {
        const path = await reader.inclusion(index);
        expect(checkInclusion(index, size, leafHash(log.entries[index]!), path, log.root)).toBe(true);
        expect(checkInclusion(index, size, leafHash(new Uint8Array([1])), path, log.root)).toBe(false);
      }
      for (const older of new Set([1, size >> 1, size - 1].filter((n) => n > 0))) {
        const root = rootOf(log.entries.slice(0, older).map(leafHash));
        const proof = await reader.consistency(older);
        expect(checkConsistency(older, size, root, log.root, proof)).toBe(true);
        expect(checkConsistency(older, size, leafHash(root), log.root, proof)).toBe(false);
      }
    }
  });

  it('agrees with the definition for any size, index and older size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const log = madeLog(size);
        const reader = new TileReader(log.fetchTile, size);
        const index = a % size;
        const older = (b % size) + 1;
        const leaves = log.entries.map(leafHash);
        expect(toBase64(rootOf(leaves))).toBe(toBase64(log.root));
        expect(checkInclusion(index, size, leaves[index]!, await reader.inclusion(index), log.root)).toBe(
          true,
        );
        const root = rootOf(leaves.slice(0, older));
        expect(checkConsistency(older, size, root, log.root, await reader.consistency(older))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('writes tile paths as C2SP tlog-tiles does', () => {
    expect(indexPath(0)).toBe('000');
    expect(indexPath(1234067)).toBe('x001/x234/067');
  });
});

describe('the whole check of a log', () => {
  it('passes an honest log, one entry and all entries', async () => {
    const log = madeLog(300);
    const done = await verifyLog({ ...log, index: 270, rebuildUpTo: 1000 });
    expect(done.steps.map((s) => [s.id, s.status])).toEqual([
      ['key', 'passed'],
      ['signature', 'passed'],
      ['growth', 'skipped'],
      ['inclusion', 'passed'],
      ['rebuild', 'passed'],
    ]);
    expect(done.ok).toBe(true);
    expect(done.entry).toBe('{"entry":270}');
  });

  it('fails at the inclusion when the entry was altered', async () => {
    const log = madeLog(300, (e, i) => (i === 7 ? new TextEncoder().encode('{"entry":8}') : e));
    const done = await verifyLog({ ...log, index: 7 });
    expect(done.ok).toBe(false);
    expect(done.steps.at(-1)).toMatchObject({ id: 'inclusion', status: 'failed' });
  });

  it('fails at the rebuild when an entry nobody asked for was altered', async () => {
    const log = madeLog(300, (e, i) => (i === 7 ? new TextEncoder().encode('{"entry":8}') : e));
    const done = await verifyLog({ ...log, index: 8, rebuildUpTo: 1000 });
    expect(done.steps.at(-1)).toMatchObject({ id: 'rebuild', status: 'failed' });
  });

  it('fails when the log shrank or was rewritten since the last visit', async () => {
    const log = madeLog(20);
    const root = toBase64(log.root);
    expect((await verifyLog({ ...log, seen: { size: 21, root } })).ok).toBe(false);
    expect((await verifyLog({ ...log, seen: { size: 10, root } })).ok).toBe(false);
    const ten = toBase64(rootOf(log.entries.slice(0, 10).map(leafHash)));
    expect((await verifyLog({ ...log, seen: { size: 10, root: ten } })).ok).toBe(true);
  });

  it('fails on a changed size, on another key, and on an entry beyond the end', async () => {
    const log = madeLog(20);
    expect((await verifyLog({ ...log, checkpoint: log.checkpoint.replace('\n20\n', '\n21\n') })).ok).toBe(
      false,
    );
    expect((await verifyLog({ ...log, vkey: madeLog(20).vkey })).ok).toBe(false);
    expect((await verifyLog({ ...log, index: 20 })).ok).toBe(false);
    expect((await verifyLog({ ...log, vkey: log.vkey.slice(0, -2) })).ok).toBe(false);
  });

  it('refuses base64 in any but its one spelling, and keys whose id does not fit', () => {
    expect(fromBase64('AA==')).toEqual(new Uint8Array([0]));
    expect(fromBase64('AB==')).toBeUndefined();
    expect(fromBase64('AA=')).toBeUndefined();
    const { vkey } = madeLog(1);
    expect(parseVerifierKey(vkey)?.name).toBe(ORIGIN);
    expect(parseVerifierKey(vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).toBeUndefined();
  });

  it('takes no note without a signature', () => {
    const { vkey, checkpoint } = madeLog(3);
    const key = parseVerifierKey(vkey)!;
    expect(openCheckpoint(checkpoint, key).ok).toBe(true);
    expect(openCheckpoint(`${checkpoint.slice(0, checkpoint.indexOf('\n\n') + 2)}`, key).ok).toBe(false);
    expect(openCheckpoint('', key).ok).toBe(false);
  });
});

describe('what an entry commits to', () => {
  const salt = '07'.repeat(32);
  const c = commitment('values', { title: 'Bias', level: 4 }, salt);
  const entry = new TextEncoder().encode(JSON.stringify({ c: { values: c } }));
  const file = { disclosed: { values: { salt, value: { level: 4, title: 'Bias' } } }, withheld: [] };

  it('is the HMAC that the format describes', () => {
    const message = 'aims-commit/v1\nvalues\n{"level":4,"title":"Bias"}';
    expect(c).toBe(createHmac('sha256', Buffer.from(salt, 'hex')).update(message).digest('hex'));
  });

  it('opens with its salt and value, and with no other', () => {
    expect(commitmentStep(entry, file).status).toBe('passed');
    const forged = { ...file, disclosed: { values: { salt, value: { level: 1, title: 'Bias' } } } };
    expect(commitmentStep(entry, forged).status).toBe('failed');
    expect(commitmentStep(entry, { disclosed: {}, withheld: [] }).status).toBe('failed');
    expect(commitmentStep(entry, { disclosed: {}, withheld: ['values'] }).status).toBe('passed');
  });

  it('is compared with what the page shows', () => {
    const shown = { digest: '', values: { title: 'Bias', level: 4 }, links: {} };
    expect(shownStep(file, shown).status).toBe('passed');
    expect(shownStep(file, { ...shown, values: { title: 'Bias', level: 5 } }).status).toBe('failed');
    expect(digestStep(entry, 'sha256:00').status).toBe('failed');
  });
});

const vectors = fileURLToPath(new URL('../../../shared/vectors/merkle', import.meta.url));

describe.skipIf(!existsSync(vectors))(
  'public vectors (skipped: no shared files, when they are absent)',
  () => {
    const read = (kind: string) =>
      readdirSync(`${vectors}/${kind}`, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .map((name) => ({ name, v: JSON.parse(readFileSync(`${vectors}/${kind}/${name}`, 'utf8')) }));
    const bytes = (text: string | null) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

    it('agrees on every inclusion proof', () => {
      const all = read('inclusion');
      expect(all.length).toBeGreaterThan(90);
      for (const { name, v } of all) {
        const path = (v.proof ?? []).map(bytes);
        expect(checkInclusion(v.leafIdx, v.treeSize, bytes(v.leafHash), path, bytes(v.root)), name).toBe(
          !v.wantErr,
        );
      }
    });

    it('agrees on every consistency proof', () => {
      const all = read('consistency');
      expect(all.length).toBeGreaterThan(90);
      for (const { name, v } of all) {
        const proof = (v.proof ?? []).map(bytes);
        // One vector takes two equal texts that are no SHA-256 hashes for roots; here a root has 32 bytes.
        const good = !v.wantErr && bytes(v.root1).length === 32;
        expect(checkConsistency(v.size1, v.size2, bytes(v.root1), bytes(v.root2), proof), name).toBe(good);
      }
    });
  },
);

describe('a list and its address', () => {
  it('reads filters and leaves out what is about the page', () => {
    const search = { sort: '-level', q: 'bias', new: 'yes', state: 'open,assessed', 'level.gte': '10' };
    expect(filtersOf(search)).toEqual([
      { name: 'state', op: '', values: ['open', 'assessed'] },
      { name: 'level', op: 'gte', values: ['10'] },
    ]);
    expect(listQuery(search)).toBe('sort=-level&q=bias&state=open%2Cassessed&level.gte=10');
    expect(listQuery({})).toBe('sort=-number');
  });

  it('asks the list for an earlier state, and takes it for no filter', () => {
    expect(filtersOf({ asOf: '120', state: 'open' })).toEqual([{ name: 'state', op: '', values: ['open'] }]);
    expect(listQuery({ asOf: '120' })).toBe('sort=-number&asOf=120');
    expect(withAsOf('/x', undefined)).toBe('/x');
    expect(withAsOf('/x?a=1', '2027-03-31T12:00:00+01:00')).toBe(
      '/x?a=1&asOf=2027-03-31T12%3A00%3A00%2B01%3A00',
    );
  });

  it('sets, toggles and takes away filters', () => {
    expect(toggled({}, 'state', 'open')).toEqual({ state: 'open' });
    expect(toggled({ state: 'open,closed' }, 'state', 'open')).toEqual({ state: 'closed' });
    expect(toggled({ state: 'open', q: 'x' }, 'state', 'open')).toEqual({ q: 'x' });
    expect(withFilter({}, { name: 'level', op: 'gte', values: ['4'] })).toEqual({ 'level.gte': '4' });
  });

  it('is narrowed by what states stand on', () => {
    const search = withFilter({ state: 'accepted' }, { name: STANDING, op: '', values: ['stale,ended'] });
    expect(listQuery(search)).toBe('sort=-number&state=accepted&standing=stale%2Cended');
    expect(withFilter(search, { name: STANDING, op: '', values: [] })).toEqual({ state: 'accepted' });
  });

  it('sorts up, down, and then not at all', () => {
    expect(nextSort(undefined, 'level')).toBe('level');
    expect(nextSort('level', 'level')).toBe('-level');
    expect(nextSort('-level', 'level')).toBeUndefined();
  });
});

describe('a point of the ledger', () => {
  it('is entered as a time of the reader or a number, and comes back to the controls as it was', () => {
    expect(pointOf({ time: '', entry: '' })).toBeUndefined();
    expect(pointOf({ time: '2027-03-31T12:00:00', entry: ' 120 ' })).toBe('120');
    expect(pointOf({ time: 'x', entry: '' })).toBeUndefined();
    for (const nothing of [undefined, '', 'x']) expect(inputOf(nothing)).toEqual({ time: '', entry: '' });
    expect(inputOf('120')).toEqual({ time: '', entry: '120' });
    expect(pointOf(inputOf('2027-03-31'))).toBe('2027-03-31T23:59:59.000Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (s) => {
        const at = new Date(s * 1000).toISOString();
        expect(new Date(pointOf(inputOf(at))!).getTime() % 3_600_000).toBe((s * 1000) % 3_600_000);
      }),
    );
  });

  it('shows a difference as both states, as far as they differ', () => {
    const d = {
      state: { from: 'open', to: 'assessed' },
      changed: [
        { name: 'title', link: false, from: 'Old', to: null },
        { name: 'systems', link: true, from: null, to: ['SYS-0001'] },
      ],
    };
    expect(heldOf(d)).toEqual({
      before: { state: 'open', values: { title: 'Old' }, links: { systems: [] } },
      after: { state: 'assessed', values: { title: null }, links: { systems: ['SYS-0001'] } },
    });
    expect(heldOf({ ...d, state: { from: null, to: 'open' } }).before).toBeUndefined();
  });
});

describe('what forms send', () => {
  it('sends given values of a new record, and false and zero are given', () => {
    expect(given({ a: '', b: null, c: [], d: 0, e: false, f: 'x' })).toEqual({ d: 0, e: false, f: 'x' });
  });

  it('sends only what was changed; null clears a field, an empty list a link', () => {
    const before = { title: 'A', level: 3, note: 'n', systems: ['SYS-0001'], tags: [] };
    const after = { title: 'B', level: 3, note: null, systems: [], tags: null };
    expect(changes(before, after)).toEqual({ title: 'B', note: null, systems: [] });
  });

  it('finds the field a problem is about', () => {
    expect(fieldOfPath('/values/likelihood')).toBe('likelihood');
    expect(fieldOfPath('/title')).toBe('title');
    expect(fieldOfPath('gatePolicy/0/drillMonths')).toBe('gatePolicy');
  });
});

describe('words', () => {
  it('reads names, durations and roles aloud', () => {
    expect(words('inScope')).toBe('In scope');
    expect(words('aimsManager')).toBe('AIMS manager');
    expect(durationText('PT1H15M')).toBe('1 h 15 min');
    expect(durationText('nonsense')).toBe('nonsense');
    expect(codeText('system.approver')).toBe('Approver of the system');
    expect(codeText('topManagement')).toBe('Top management');
    expect(roleText('system.approver', {})).toBe('approver of the system');
    expect(roleText('auditor', { auditor: 'Auditor' })).toBe('Auditor');
  });
});

describe('next steps', () => {
  const register = (name: string, mayCreate: boolean) =>
    ({
      name,
      prefix: name.slice(0, 3).toUpperCase(),
      label: { one: name, many: name },
      purpose: '',
      mayCreate,
      engineWritten: false,
    }) as RegisterMeta;
  const meta = {
    organisation: { slug: 'x', name: 'X', logPublic: false, demo: false },
    me: { ref: 'PER-0001', name: 'P', kind: 'person' as const, roles: [] },
    roles: {},
    steps: [],
    registers: [register('alpha', true), register('beta', false)],
    version: '',
  };
  const empty = (name: string) => ({ name, label: name, count: 0, byState: {} });

  it('offers what is empty and may be filled, after releases that are stopped', () => {
    const data = {
      steps: [{ step: 'S', registers: [empty('alpha'), empty('beta')] }],
      releases: [
        {
          ref: 'ALP-0001',
          title: 'One',
          system: null,
          decision: null,
          state: 'submitted' as const,
          verdict: 'refuse' as const,
        },
        {
          ref: 'ALP-0002',
          title: 'Two',
          system: null,
          decision: null,
          state: 'submitted' as const,
          verdict: 'allow' as const,
        },
      ],
      log: { size: 0, pending: 0 },
    };
    expect(nextSteps(data, meta).map((s) => [s.register, s.ref, s.create])).toEqual([
      ['alpha', 'ALP-0001', undefined],
      ['alpha', undefined, true],
    ]);
  });
});

describe('lines that differ', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
  const side = (d: readonly DiffLine[], not: DiffLine['kind']) =>
    d.filter((l) => l.kind !== not).map((l) => l.text);
  const lines = (text: string) => (text === '' ? [] : text.split('\n'));

  it('without what was added they are the earlier text, without what was removed the later one', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const [before, after] = [a.join('\n'), b.join('\n')];
        const d = lineDiff(before, after);
        expect(side(d, 'added')).toEqual(lines(before));
        expect(side(d, 'removed')).toEqual(lines(after));
        if (before === after) expect(d.every((l) => l.kind === 'same')).toBe(true);
      }),
    );
  });

  it('what is far from a change is left out', () => {
    const d = lineDiff('1\n2\n3\n4\n5\n6', '1\n2\n3\n4\n5\nsix');
    expect(nearChanges(d, 1).map((l) => l && `${l.kind} ${l.text}`)).toEqual([
      null,
      'same 5',
      'removed 6',
      'added six',
    ]);
  });
});
