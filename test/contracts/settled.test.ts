import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineActor } from '../../src/app/people/people.ts';
import { createChecked } from '../../src/app/write/commit.ts';
import { fixedIn } from '../../src/register/fixed.ts';
import { kindOf } from '../../src/register/kinds.ts';
import { asList, type Register } from '../../src/register/register.ts';
import { freshContents, parseInput } from '../../src/register/values.ts';
import { registry } from '../../src/registers/index.ts';
import { sampleInput } from '../support/arrange.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** States of a register in which it is edited, but for what is settled there. */
const partly = (r: Register) =>
  r.states.filter((s) => !r.locked.includes(s)).map((s) => [s, fixedIn(r, s)] as const);
const cases = registry.all.flatMap((r) =>
  partly(r).flatMap(([state, names]) => (names.length > 0 ? [{ r, state, names }] : [])),
);

let t: TestInstance;
let ada: Visitor;
let ben: Visitor;
beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['topManagement', 'designatedManagement', 'aimsManager']);
  ben = await t.person('Ben', ['contributor']);
});
afterAll(() => t.close());

/** A record as it is after its way to a state, made without the way. Ada owns it and is named wherever somebody is; whoever checks is another. */
async function recordIn(r: Register, state: string): Promise<string> {
  const input = await sampleInput(t, r, 1);
  for (const [name, f] of Object.entries(r.fields))
    if (f.kind === 'person' && name in input) input[name] = name === 'verifier' ? ben.ref : ada.ref;
  const contents = freshContents(r, parseInput(r, input, 'create'));
  const made = await createChecked(
    t.app,
    { actor: { ...engineActor(t.organisation), ref: ada.ref } },
    r,
    contents,
    {
      as: 'engine',
      state,
    },
  );
  return made.record.ref;
}

/** Something else than what stands there, in the form of a request. */
async function another(r: Register, name: string): Promise<unknown> {
  const f = r.fields[name];
  if (!f) {
    const to = registry.get(r.links[name]!.to);
    return [(await given(t, to.name, await sampleInput(t, to, 5, 'required'))).ref];
  }
  if (f.kind === 'person') return name === 'verifier' ? ada.ref : ben.ref;
  if (f.kind === 'people') return [ben.ref];
  if (f.kind === 'date') return '2020-01-01';
  if (f.kind === 'moment') return '2020-01-01T00:00:00.000Z';
  const others = [2, 3, 4].map((seed) => kindOf(f).sample(f, seed));
  const now = JSON.stringify(kindOf(f).sample(f, 1));
  return others.find((v) => JSON.stringify(v) !== now) ?? null;
}

test('registers where a state claims something as settled are looped over', () => {
  expect(new Set(cases.map((c) => c.r.name)).size).toBeGreaterThanOrEqual(14);
  expect(cases.flatMap((c) => c.names).length).toBeGreaterThan(80);
});

describe.each(cases.map((c) => [c.r.name, c.state, c] as const))('%s, %s', (_, state, { r, names }) => {
  test('what is settled stays, by every door, and the record says what it is', async () => {
    const ref = await recordIn(r, state);
    const path = `${r.name}/${ref}`;
    const read = await ada.ask('GET', path);
    expect(read.body).toMatchObject({ state, may: { edit: true, fixed: names } });
    const open = Object.values(r.transitions).find(
      (x) =>
        asList(x.from).includes(state) &&
        !x.decision &&
        !asList(x.by).includes('engine') &&
        names.some((n) => fixedIn(r, x.to).includes(n)),
    );
    const step = Object.entries(r.transitions).find(([, x]) => x === open)?.[0];
    for (const name of names) {
      const body = { [name]: await another(r, name) };
      const tries: [string, Promise<{ status: number; text: string }>][] = [
        ['edit', ada.ask('PATCH', path, body)],
        ['bulk', ada.ask('POST', `${r.name}/bulk`, { refs: [ref], values: body })],
        ['import', ada.ask('POST', `${r.name}/import?format=json`, JSON.stringify([{ ref, ...body }]))],
      ];
      if (step && fixedIn(r, open!.to).includes(name) && !open!.requires?.includes(name))
        tries.push([
          'step',
          ada.ask('POST', `${path}/${step}`, { values: body, reason: 'because', until: '2099-01-01' }),
        ]);
      for (const [door, answer] of tries) {
        const { status, text } = await answer;
        expect([door, name, status], text).toEqual([door, name, door === 'import' ? 422 : 409]);
        expect(text).toContain('settled');
      }
    }
    const after = await ada.ask('GET', path);
    expect([after.body.version, after.body.values]).toEqual([1, read.body.values]);
  });
});
