import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayFrom } from '../support/arrange.ts';
import { type Crew, crewOf, gated, inState, ok } from '../support/gated.ts';
import { type Answer, given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Several people decide, or acknowledge, in the same moment: each word counts once, and the last that was needed brings what it brings. */

const AT_ONCE = 8;
let t: TestInstance;
let crew: Crew;
beforeAll(async () => {
  t = await testInstance();
  crew = await crewOf(t);
});
afterAll(() => t.close());

const codes = (answers: Answer[]) => answers.map((a) => a.status).sort();
const many = <T>(one: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, i) => one(i)));
const acknowledged = async (ref: string): Promise<string[]> =>
  (
    await t.app.db.asOwner({
      text: `select r."values"->>'by' as by from record r where r.register = 'decision' and r."values"->>'kind' = 'acknowledge' and r."values"->>'subject' = $1`,
      values: [ref],
    })
  )
    .map((r) => String(r.by))
    .sort();

let n = 0;
/** A document that is published, and to be acknowledged by everybody. */
async function published(): Promise<string> {
  n += 1;
  const { ref } = await ok(crew.owner, 'POST', 'document', {
    title: `Rules ${n}`,
    kind: 'procedure',
    owner: crew.owner.ref,
    body: 'Read this.',
    reviewBy: dayFrom(t, 300),
    acknowledgedBy: 'everyone',
  });
  await ok(crew.owner, 'POST', `document/${ref}/submit`);
  await ok(crew.boss, 'POST', `document/${ref}/approve`);
  await ok(crew.owner, 'POST', `document/${ref}/publish`);
  return ref;
}

test('who acknowledges by many doors at once has acknowledged once', async () => {
  const ref = await published();
  const answers = await many(() => crew.maker.ask('POST', `document/${ref}/acknowledge`, {}));
  expect(codes(answers), answers.map((a) => a.text).join('\n')).toEqual([
    200,
    ...Array(AT_ONCE - 1).fill(409),
  ]);
  expect(await acknowledged(ref)).toEqual([crew.maker.ref]);
  // A file that names somebody who does it at the same moment takes all the others.
  const other = await published();
  const people = [crew.owner, crew.approver, crew.maker, crew.boss];
  const day = new Date(t.app.clock.now().getTime()).toISOString().slice(0, 10);
  const csv = `person,date\n${people.map((p) => `${p.ref},${day}`).join('\n')}\n`;
  const both = await Promise.all([
    crew.boss.ask('POST', `document/${other}/acknowledgements/import`, csv, { 'content-type': 'text/csv' }),
    ...people.map((p) => p.ask('POST', `document/${other}/acknowledge`, {})),
  ]);
  expect(both[0]!.status, both[0]!.text).toBe(200);
  for (const a of both.slice(1)) expect([200, 409], a.text).toContain(a.status);
  expect(await acknowledged(other)).toEqual(people.map((p) => p.ref).sort());
});

test('the same request sent again is answered as it was', async () => {
  const ref = await published();
  const key = { 'idempotency-key': 'read it' };
  const [first, ...again] = [
    await crew.approver.ask('POST', `document/${ref}/acknowledge`, {}, key),
    ...(await many(() => crew.approver.ask('POST', `document/${ref}/acknowledge`, {}, key))),
  ] as [Answer, ...Answer[]];
  for (const a of again) expect([a.status, a.body.decision], a.text).toEqual([200, first.body.decision]);
  expect(await acknowledged(ref)).toEqual([crew.approver.ref]);
});

test('a link that many use at once works once, two links of one person acknowledge once, and what is withdrawn meanwhile is counted', async () => {
  const ref = await published();
  const person = (await given(t, 'person', { name: 'Mailed', email: `mailed-${n}@links.example` })).ref;
  const token = async () =>
    (await ok(crew.owner, 'POST', `document/${ref}/links`, { people: [person] })).items[0].link.split(
      'token=',
    )[1];
  const [one, two] = [await token(), await token()];
  const use = (secret: string) => t.stranger.ask('POST', 'acknowledgement', { token: secret });
  const answers = await many((i) => use(i % 2 === 0 ? one : two));
  expect(answers.filter((a) => a.status === 200).length, answers.map((a) => a.text).join('\n')).toBe(1);
  expect(await acknowledged(ref)).toEqual([person]);

  const more = await Promise.all(
    [1, 2, 3, 4].map(
      async (i) => (await given(t, 'person', { name: `M${i}`, email: `m${i}-${n}@links.example` })).ref,
    ),
  );
  const made = (await ok(crew.owner, 'POST', `document/${ref}/links`, { people: more })).items as {
    link: string;
  }[];
  const [withdrawn, ...used] = await Promise.all([
    crew.owner.ask('POST', `document/${ref}/links/withdraw`, { people: more }),
    ...made.map((m) => use(m.link.split('token=')[1]!)),
  ]);
  const through = used.filter((a) => a.status === 200).length;
  expect(withdrawn!.status, withdrawn!.text).toBe(through === 4 ? 409 : 200);
  expect((withdrawn!.body.withdrawn ?? 0) + through).toBe(4);
});

/** Criteria of a larger organisation, which two people approve. */
const criteriaForTwo = () =>
  inState(t, 'criteria', 'submitted', {
    title: 'Larger',
    owner: crew.owner.ref,
    appetite: 6,
    mode: 'larger',
  });

test('of a quorum of two who decide in the same instant both count, and the second brings the state', async () => {
  const second = await t.person('Second', ['designatedManagement']);
  const ref = await criteriaForTwo();
  const answers = await Promise.all(
    [crew.boss, second].map((p) => p.ask('POST', `criteria/${ref}/approve`, {})),
  );
  expect(codes(answers), answers.map((a) => a.text).join('\n')).toEqual([200, 200]);
  expect(answers.map((a) => a.body.state).sort()).toEqual(['approved', 'submitted']);
  expect((await crew.boss.ask('GET', `criteria/${ref}`)).body.state).toBe('approved');
});

test('eight times the word of one is one, and of eight people exactly as many count as are needed', async () => {
  const one = await criteriaForTwo();
  const same = await many(() => crew.boss.ask('POST', `criteria/${one}/approve`, {}));
  expect(codes(same), same.map((a) => a.text).join('\n')).toEqual([200, ...Array(AT_ONCE - 1).fill(409)]);
  expect((await crew.boss.ask('GET', `criteria/${one}`)).body.state).toBe('submitted');
  const people: Visitor[] = [];
  for (let i = 0; i < AT_ONCE; i++) people.push(await t.person(`Manager ${i}`, ['designatedManagement']));
  const ref = await criteriaForTwo();
  const answers = await Promise.all(people.map((p) => p.ask('POST', `criteria/${ref}/approve`, {})));
  const agreed = answers.filter((a) => a.status === 200);
  expect(agreed.map((a) => a.body.state).sort(), answers.map((a) => a.text).join('\n')).toEqual([
    'approved',
    'submitted',
  ]);
  const { decisions } = (await crew.boss.ask('GET', `criteria/${ref}`)).body;
  expect(decisions.filter((d: { current: boolean }) => d.current)).toHaveLength(2);
});

test('in a given order nobody is let in before their turn, however close', async () => {
  await inState(t, 'criteria', 'approved', {
    title: 'Force',
    owner: crew.owner.ref,
    appetite: 6,
    mode: 'larger',
  });
  const g = await gated(t, crew);
  const assessment = await inState(t, 'impactAssessment', 'concluded', {
    title: 'IA',
    owner: crew.owner.ref,
    conclusion: 'acceptable',
    systems: [g.system],
  });
  await t.app.db.asOwner({
    text: `update record set "values" = "values" || '{"riskClass": "high"}' where ref = $1`,
    values: [g.system],
  });
  const answers = await Promise.all([
    crew.boss.ask('POST', `impactAssessment/${assessment}/approve`, {}),
    crew.approver.ask('POST', `impactAssessment/${assessment}/approve`, {}),
  ]);
  expect(answers[1]!.status, answers[1]!.text).toBe(200);
  const state = (await crew.boss.ask('GET', `impactAssessment/${assessment}`)).body.state;
  expect(state).toBe(answers[0]!.status === 200 ? 'approved' : 'concluded');
});
