import { beforeAll, describe, expect, test } from 'vitest';
import { registry } from '../../src/registers/index.ts';
import { onRightSide } from '../../src/registers/with-readings.ts';
import { dayFrom, published, standing } from '../support/arrange.ts';
import { type Answer, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { rewritten } from '../support/kept-standing.ts';

/** What says that something was done is refused until something shows it: by every door, of every register that has such a step. */

let t: TestInstance;
let boss: Visitor;
let other: Visitor;
let seed = 0;

beforeAll(async () => {
  t = await testInstance();
  boss = await t.person('Boss', ['topManagement', 'designatedManagement', 'aimsManager', 'contributor']);
  other = await t.person('Other', ['aimsManager', 'contributor']);
});

const steps = registry.all.flatMap((r) =>
  Object.entries(r.transitions).flatMap(([name, s]) =>
    s.shown ? [[`${r.name}.${name}`, r, name, s] as const] : [],
  ),
);

test('there are such steps to look at', () => {
  expect(steps.map(([id]) => id)).toEqual(expect.arrayContaining(['control.implement', 'objective.reach']));
});

const ok = (a: Answer) => {
  expect([200, 201], a.text).toContain(a.status);
  return a.body;
};
const body = { reason: 'x', values: {} };

describe.each(steps)('%s', (_, r, step, s) => {
  /** Everything that people type is there, and says nothing. */
  const typed = () =>
    standing(t, r, [s.from].flat()[0]!, ++seed, {
      author: other.ref,
      more: { owner: other.ref, ...('verifier' in r.fields ? { verifier: boss.ref } : {}) },
      without: Object.keys(r.links),
    });

  test('is refused by route and in bulk, is not offered, and says what is missing and who may add it', async () => {
    const refs = [await typed(), await typed()];
    const one = await boss.ask('POST', `${r.name}/${refs[0]}/${step}`, body);
    expect([one.status, one.body.code, one.body.message], one.text).toEqual([
      409,
      'REQUIREMENTS_MISSING',
      'shown.nothing',
    ]);
    expect(one.body.detail).toContain(s.shown!.next);
    expect(one.body.detail).toMatch(/It is added by .+\./);
    const bulk = await boss.ask('POST', `${r.name}/bulk`, { refs, transition: step, reason: 'x' });
    expect(bulk.status, bulk.text).toBe(409);
    expect(bulk.body.problems.map((p: { path: string }) => p.path)).toEqual(['/refs/0', '/refs/1']);
    const page = ok(await boss.ask('GET', `${r.name}/${refs[0]}`));
    const offer = page.may.transitions.find((o: { name: string }) => o.name === step);
    expect(offer).toMatchObject({ allowed: false, why: expect.stringContaining(s.shown!.next) });
    expect(ok(await boss.ask('GET', `${r.name}/${refs[1]}`)).state).toBe([s.from].flat()[0]);
  });
});

describe('"x" everywhere', () => {
  let lines: string[];

  beforeAll(async () => {
    ok(await other.ask('POST', 'control/propose', {}));
    lines = ok(await boss.ask('GET', 'control?limit=200')).items.flatMap(
      (i: { ref: string; state: string }) => (i.state === 'proposed' ? [i.ref] : []),
    );
    expect(lines).toHaveLength(38);
  });

  const bulk = (who: Visitor, more: object, refs = lines) =>
    who.ask('POST', 'control/bulk', { refs, ...more });

  test('a reason that was proposed and nobody made their own decides nothing', async () => {
    const x = { owner: other.ref, applicable: true, implementation: 'x', reviewBy: dayFrom(t, 90) };
    ok(await bulk(other, { values: x }));
    const a = await bulk(other, { transition: 'include' });
    expect([a.status, a.body.code], a.text).toEqual([409, 'REQUIREMENTS_MISSING']);
    expect(a.body.problems).toHaveLength(38);
    expect(a.text).toContain('in words of your own: what is there was proposed');
  });

  test('one reason for all leaves none out, and is told of each', async () => {
    ok(await bulk(other, { values: { applicable: false, why: 'x' } }));
    const a = await bulk(boss, { transition: 'exclude', reason: 'x', until: dayFrom(t, 90) });
    expect(a.status, a.text).toBe(409);
    expect(a.text).toContain('38 lines give this same reason');
    const s = ok(await boss.ask('GET', 'control/statement'));
    const gaps = s.groups.flatMap((g: { lines: { gaps: string[] }[] }) => g.lines.map((l) => l.gaps));
    expect(gaps.filter((g: string[]) => g.includes('shared'))).toHaveLength(38);
  });

  test('no control is implemented, whatever is signed beside it', async () => {
    ok(await bulk(other, { values: { applicable: true, why: 'x' } }));
    ok(await bulk(other, { transition: 'include' }));
    const document = await published(t, 'x');
    const readless = await standing(t, registry.get('monitor'), 'running', ++seed, {
      more: { controls: lines },
    });
    ok(await bulk(other, { values: { documents: [document] } }));
    const a = await bulk(boss, { transition: 'implement' });
    expect([a.status, a.body.code], a.text).toEqual([409, 'REQUIREMENTS_MISSING']);
    expect(a.body.problems).toHaveLength(38);
    expect(a.text).toContain(`${document} only repeats what the record says itself`);
    expect(a.text).toContain(`${readless} has no reading`);
    expect(ok(await boss.ask('GET', 'control/statement')).counts.implemented).toBe(0);
  });

  test('what is shown is implemented, one by one, and falls back into the gaps when that goes', async () => {
    const [first, second, third] = lines;
    const own = await published(t, 'Owners look at it every week.');
    ok(await other.ask('PATCH', `control/${first}`, { documents: [own] }));
    ok(await boss.ask('POST', `control/${first}/implement`, {}));
    const monitor = await standing(t, registry.get('monitor'), 'running', ++seed, {
      more: { owner: other.ref, controls: [second], threshold: 5, direction: 'atMost' },
    });
    const read = async (value: number, to: string) =>
      ok(
        await other.ask('POST', `monitor/${monitor}/readings?format=json`, JSON.stringify([{ to, value }]), {
          'content-type': 'application/json',
        }),
      );
    await read(9, dayFrom(t, -2));
    const outside = await boss.ask('POST', `control/${second}/implement`, {});
    expect(outside.text).toContain(
      `${monitor} read 9 on ${dayFrom(t, -2)}, which is on the wrong side of its limit`,
    );
    await read(4, dayFrom(t, -1));
    ok(await boss.ask('POST', `control/${second}/implement`, {}));
    expect((await boss.ask('POST', `control/${third}/implement`, {})).status).toBe(409);
    const gapsOf = async (ref: string | undefined) =>
      ok(await boss.ask('GET', 'control/statement'))
        .groups.flatMap((g: { lines: { ref: string; gaps: string[] }[] }) => g.lines)
        .find((l: { ref: string }) => l.ref === ref).gaps;
    expect(await gapsOf(first)).not.toContain('notShown');
    await rewritten(t, own, { state: 'withdrawn' });
    // Decided before it went, it stays readable as it was, and is told.
    expect(await gapsOf(first)).toContain('notShown');
    expect(onRightSide({ derived: { withinLimit: 'no' } })).toBe('no');
  });
});

test('evidence on the record shows it: from anywhere, until it ends or is withdrawn', async () => {
  const line = () =>
    standing(t, registry.get('control'), 'applicable', ++seed, { author: other.ref, without: ['documents'] });
  const refer = async (ref: string, more = '') =>
    ok(await other.ask('POST', `evidence/refer?reference=TICKET-${++seed}&for=${ref}${more}`)).evidence.ref;
  const implement = async (ref: string) => boss.ask('POST', `control/${ref}/implement`, {});
  const shown = await line();
  await refer(shown);
  ok(await implement(shown));
  const withdrawn = await line();
  const gone = await refer(withdrawn);
  ok(await boss.ask('POST', `evidence/${gone}/withdraw`, { reason: 'Of another system.' }));
  const a = await implement(withdrawn);
  expect([a.status, a.body.detail], a.text).toEqual([409, expect.stringContaining(`${gone} is withdrawn`)]);
  const ended = await line();
  const until = await refer(ended, `&coversFrom=${dayFrom(t, -30)}&holdsUntil=${dayFrom(t, -2)}`);
  expect((await implement(ended)).text).toContain(`${until} held until ${dayFrom(t, -2)}`);
});

test('a grave incident is closed with a decision about corrective action', async () => {
  const incident = (more: object, without: string[] = []) =>
    standing(t, registry.get('incident'), 'contained', ++seed, {
      more: { owner: other.ref, severity: 'high', reportable: false, ...more },
      without: ['communications', ...without],
    });
  const close = async (ref: string) => boss.ask('POST', `incident/${ref}/close`, {});
  const open = await close(await incident({}, ['correctiveAction', 'whyNone']));
  expect([open.status, open.body.problems], open.text).toEqual([
    409,
    [{ path: '/values/correctiveAction', message: 'is needed for this step' }],
  ]);
  const promised = await incident({ correctiveAction: 'nonconformity' });
  expect((await close(promised)).text).toContain('Open a nonconformity');
  await standing(t, registry.get('nonconformity'), 'open', ++seed, { more: { incidents: [promised] } });
  ok(await close(promised));
  const unsaid = await incident({ correctiveAction: 'none' }, ['whyNone']);
  expect((await close(unsaid)).status).toBe(409);
  ok(
    await close(await incident({ correctiveAction: 'none', whyNone: 'Its cause went with the old model.' })),
  );
});

test('a system that is marked as not covered is not taken into scope', async () => {
  const ref = await standing(t, registry.get('aiSystem'), 'proposed', ++seed, {
    author: other.ref,
    more: { inScope: 'out' },
  });
  const a = await boss.ask('POST', `aiSystem/${ref}/include`, { reason: 'x' });
  expect([a.status, a.body.code], a.text).toEqual([409, 'CONFLICT']);
  expect(a.text).toContain('Mark it as covered and say why');
  ok(await other.ask('PATCH', `aiSystem/${ref}`, { inScope: 'in', scopeReason: 'Customers rely on it.' }));
  ok(await boss.ask('POST', `aiSystem/${ref}/include`, {}));
});
