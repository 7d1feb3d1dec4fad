import { afterAll, beforeAll, expect, test } from 'vitest';
import { standing } from '../support/arrange.ts';
import { ok } from '../support/gated.ts';
import { type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/** Whoever answers a finding answers it; an issued report says for good what it said. */

let t: TestInstance;
let lead: Visitor;
let auditee: Visitor;
beforeAll(async () => {
  t = await testInstance();
  lead = await t.person('Lead', ['auditor']);
  auditee = await t.person('Auditee', ['contributor', 'aimsManager']);
});
afterAll(() => t.close());

let n = 0;
async function running(more: Record<string, unknown> = {}): Promise<string> {
  const register = t.app.registry.get('audit');
  return standing(t, register, 'running', ++n, {
    more: {
      kind: 'audit',
      owner: lead.ref,
      auditors: [],
      programme: [],
      report: 'r',
      conclusion: 'c',
      ...more,
    },
    without: ['result'],
  });
}
async function finding(audit: string, grade: string, raised = true): Promise<string> {
  const { ref } = await ok(lead, 'POST', 'auditFinding', {
    title: 'F',
    grade,
    audit: [audit],
    criterion: '8.1',
    fact: 'seen',
    owner: auditee.ref,
  });
  if (raised) await ok(lead, 'POST', `auditFinding/${ref}/raise`);
  return ref;
}

test('whoever answers a finding says the answer, and neither passes it on, nor postpones, nor withdraws it', async () => {
  const ref = await finding(await running(), 'major');
  for (const values of [
    { grade: 'conforms' },
    { fact: 'nothing' },
    { owner: lead.ref },
    { answerBy: '2030-01-01' },
  ]) {
    const a = await auditee.ask('PATCH', `auditFinding/${ref}`, values);
    expect([a.status >= 400 && a.status < 500, JSON.stringify(values)], a.text).toEqual([
      true,
      JSON.stringify(values),
    ]);
  }
  const gone = await auditee.ask('POST', `auditFinding/${ref}/withdraw`, { reason: 'no' });
  expect([gone.status, gone.body.code]).toEqual([403, 'NOT_ALLOWED']);
  await ok(auditee, 'PATCH', `auditFinding/${ref}`, { answer: 'we will' });
  await ok(auditee, 'POST', `auditFinding/${ref}/answer`);
  await ok(lead, 'POST', `auditFinding/${ref}/sendBack`, { reason: 'say when' });
  await ok(lead, 'PATCH', `auditFinding/${ref}`, { answerBy: '2030-01-01' });
});

test('the result of an audit fits the grades of its findings; drafts are raised or withdrawn first', async () => {
  const report = (audit: string, result: string) =>
    lead.ask('POST', `audit/${audit}/report`, { values: { result } });
  const cases: [string[], string, boolean][] = [
    [[], 'conforms', true],
    [['opportunity', 'conforms'], 'conforms', true],
    [['minor'], 'conforms', false],
    [['major'], 'conforms', false],
    [['major'], 'conformsWithFindings', false],
    [['minor'], 'conformsWithFindings', true],
    [['opportunity'], 'doesNotConform', false],
    [['major'], 'doesNotConform', true],
  ];
  for (const [grades, result, fits] of cases) {
    const audit = await running();
    for (const grade of grades) await finding(audit, grade);
    const a = await report(audit, result);
    expect([grades, result, a.status], a.text).toEqual([grades, result, fits ? 200 : 409]);
  }
  const audit = await running();
  const draft = await finding(audit, 'minor', false);
  expect((await report(audit, 'conformsWithFindings')).body.code).toBe('REQUIREMENTS_MISSING');
  await ok(lead, 'POST', `auditFinding/${draft}/withdraw`, { reason: 'mistaken' });
  expect((await report(audit, 'conforms')).status).toBe(200);
});

test('an issued report keeps what it reports: nothing is raised into it, withdrawn from it or graded anew', async () => {
  const audit = await running();
  const ref = await finding(audit, 'major');
  await ok(lead, 'POST', `audit/${audit}/report`, { values: { result: 'doesNotConform' } });
  const added = await lead.ask('POST', 'auditFinding', { title: 'late', grade: 'minor', audit: [audit] });
  expect([added.status, added.body.code], added.text).toEqual([409, 'WRONG_STATE']);
  const withdrawn = await lead.ask('POST', `auditFinding/${ref}/withdraw`, { reason: 'r' });
  expect([withdrawn.status, withdrawn.body.code]).toEqual([409, 'WRONG_STATE']);
  expect((await lead.ask('PATCH', `auditFinding/${ref}`, { grade: 'opportunity' })).status).toBe(409);
  await ok(auditee, 'POST', `auditFinding/${ref}/answer`, { values: { answer: 'we did' } });
});
