import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawInputs } from '../../src/app/assure/review.ts';
import { crewOf, criteriaInForce, inState, ok } from '../support/gated.ts';
import { type TestInstance, testInstance } from '../support/instance.ts';

let t: TestInstance;
beforeAll(async () => {
  t = await testInstance();
});
afterAll(() => t.close());

test('criteria that were superseded bring no older ones back into force, wherever they are asked for', async () => {
  const crew = await crewOf(t);
  const older = await criteriaInForce(t, crew);
  const system = await inState(t, 'aiSystem', 'inScope', {
    name: 'S',
    purpose: 'x',
    owner: crew.owner.ref,
    approver: crew.approver.ref,
    riskClass: 'limited',
  });
  const risk = await inState(t, 'risk', 'assessed', {
    title: 'R',
    owner: crew.owner.ref,
    systems: [system],
    likelihood: 5,
    impactOrganisation: 5,
    impactIndividuals: 5,
    impactSociety: 5,
  });
  const review = await inState(t, 'managementReview', 'planned', { title: 'M', owner: crew.boss.ref });
  const get = async (path: string) => (await crew.boss.ask('GET', path)).body;
  const places: Record<string, () => Promise<unknown>> = {
    presets: async () => (await get('presets')).inForce,
    'a risk': async () => (await get(`risk/${risk}/standing`)).criteria?.ref ?? null,
    'the matrix': async () => (await get('risk/matrix')).criteria?.ref ?? null,
    'what a class asks': async () => (await get(`aiSystem/${system}/requirements`)).criteria,
    'a review': async () => {
      const { inputs } = await drawInputs(t.app, t.organisation.id, review);
      return /CRI-\d+/.exec(JSON.stringify(inputs))?.[0] ?? null;
    },
  };
  const asked = async () =>
    Object.fromEntries(await Promise.all(Object.entries(places).map(async ([n, ask]) => [n, await ask()])));
  const all = (answer: string | null) => Object.fromEntries(Object.keys(places).map((n) => [n, answer]));
  expect(await asked()).toEqual(all(older));
  const newer = await criteriaInForce(t, crew);
  expect(await asked()).toEqual(all(newer));
  await ok(crew.boss, 'POST', `criteria/${newer}/supersede`, { reason: 'under revision' });
  expect(await asked()).toEqual(all(null));
});
