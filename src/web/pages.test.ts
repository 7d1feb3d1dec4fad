import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegisterMeta } from '../register/describe.ts';
import { fieldOfPath } from './api/client.ts';
import { withAsOf } from './api/queries.ts';
import { codeText, durationText, roleText, words } from './kit/format.ts';
import { inputOf, pointOf } from './kit/point.ts';
import { heldOf } from './pages/changes/changes-held.ts';
import { nextSteps } from './pages/home/next-steps.ts';
import { canStart } from './records/can-start.ts';
import { changes, given } from './records/entries.ts';
import { filtersOf, listQuery, nextSort, STANDING, toggled, withFilter } from './records/filters.ts';
import { type DiffLine, lineDiff, nearChanges } from './views/document/line-diff.ts';

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

describe('a step on the page of a record', () => {
  it('can be started when it is allowed, or when nothing but a value is missing', () => {
    const why = 'Nobody decides on their own work.';
    const steps: [Parameters<typeof canStart>[0], boolean][] = [
      [{ allowed: true, missing: [] }, true],
      [{ allowed: false, missing: ['owner'] }, true],
      [{ allowed: false, missing: [], why }, false],
      [{ allowed: false, missing: ['owner'], why }, false],
    ];
    for (const [step, starts] of steps) expect([step, canStart(step)]).toEqual([step, starts]);
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
