import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayFrom, sampleInput, standing } from './arrange.ts';
import { type Answer, given, PASSWORD, ROOT, type TestInstance, type Visitor } from './instance.ts';

/** Every way that writes several records at once, or a record with entries about the log. */
export async function waysToWrite(
  t: TestInstance,
  ada: Visitor,
  dan: Visitor,
): Promise<[string, () => Promise<Answer>][]> {
  const reg = (name: string) => t.app.registry.get(name);
  const system = (await given(t, 'aiSystem', { name: 'Chat', purpose: 'x', owner: ada.ref })).ref;
  const other = (await given(t, 'aiSystem', { name: 'Sorter', purpose: 'x', owner: ada.ref })).ref;
  const risks = await Promise.all(
    [1, 2, 3].map((n) => given(t, 'risk', { title: `Risk ${n}`, systems: [system], owner: ada.ref })),
  );
  const ready: string[] = [];
  for (const seed of [1, 2, 3]) {
    const rated = { likelihood: 2, impactOrganisation: 2, impactIndividuals: 2, impactSociety: 2 };
    const more = { ...rated, owner: ada.ref, reviewBy: dayFrom(t, 300) };
    ready.push(await standing(t, reg('risk'), 'assessed', seed, { more }));
  }
  const leaver = await t.person('Leaver', ['topManagement', 'contributor']);
  for (const title of ['One', 'Two', 'Three'])
    await given(t, 'risk', { title, systems: [system], owner: leaver.ref });
  await t.key('ci', leaver);
  const release = (
    await given(t, 'release', {
      ...(await sampleInput(t, reg('release'), 7, 'required')),
      system: [system],
    })
  ).ref;
  const file = readFileSync(join(ROOT, 'demo/evidence/eval-basic-2.3.1.json'));
  const csv = `name,purpose,owner\nImported 1,x,${ada.ref}\nImported 2,y,${ada.ref}\n`;
  const refs = risks.map((r) => r.ref);
  const person = (await t.person('Zed', ['reader'])).ref;
  const act = { basis: 'gdpr.17.1.a', reason: 'asked', password: PASSWORD };
  return [
    ['an edit in bulk', () => ada.ask('POST', 'risk/bulk', { refs, values: { treatment: 'avoid' } })],
    [
      'a decision in bulk',
      () => {
        const until = dayFrom(t, 30);
        const deed = { transition: 'accept', reason: 'within appetite', until, password: PASSWORD };
        return dan.ask('POST', 'risk/bulk', { ...deed, refs: ready });
      },
    ],
    ['an import', () => ada.ask('POST', 'aiSystem/import?format=csv', csv, { 'content-type': 'text/csv' })],
    [
      'a hand-over',
      () => ada.ask('POST', `person/${leaver.ref}/reassign`, { successor: ada.ref, registers: ['risk'] }),
    ],
    [
      'a departure',
      () => ada.ask('POST', `person/${leaver.ref}/depart`, { successor: ada.ref, keys: 'revoke' }),
    ],
    [
      'hazards taken',
      () => {
        const codes = ['HZ-001', 'HZ-002'];
        return ada.ask('POST', `aiSystem/${other}/hazards`, {
          hazards: codes.map((code) => ({ code, severity: 'high' })),
        });
      },
    ],
    ['evidence', () => ada.ask('POST', `evidence/add?release=${release}&fileName=eval.json`, file)],
    ['the gate', () => ada.ask('POST', `release/${release}/gate`, undefined)],
    ['an erasure', () => ada.ask('POST', 'erasure', { ...act, kind: 'person', ref: person })],
    ['a new key', () => ada.ask('POST', 'log/rotate-key', { password: PASSWORD, overlapDays: 1 })],
    ['a new log', () => ada.ask('POST', 'log/new', { because: 'compromised', password: PASSWORD })],
  ];
}
