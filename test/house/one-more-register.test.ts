import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from '../support/browser.ts';
import { type Answer, ROOT, type TestInstance, type Visitor } from '../support/instance.ts';
import { build } from '../support/served.ts';

/**
 * The promise: a register is one file, a rule that no declaration says is another, and each stands in one line of a list. Here a copy of the source
 * gets the two files of `fixtures/one-more-register` and their lines, and nothing else; everything in it then has the register.
 */

const ADDED = join(ROOT, 'test', 'fixtures', 'one-more-register');
/** The line that each file takes, and where. */
const LINES: readonly [list: string, line: string][] = [
  ['src/registers/all.ts', "export { dataSharing } from './data-sharing.ts';\n"],
  ['src/app/write/lists.ts', "export { dataSharingRules } from '../govern/data-sharing-rules.ts';\n"],
];
const RULE = 'app/govern/data-sharing-rules.ts';
const REFUSED = 'sharing.notManaged';

let copy: string;
/** What the compiler has against the copy, by file below src/. */
let compiled: Promise<Map<string, string[]>>;
let t: TestInstance;
let url: string;
let browser: Browser;
let page: Page;
const faults: string[] = [];
/** Owns and writes it; approves it; owns the systems. */
let olga: Visitor;
let max: Visitor;
let system: string;
let proposed: string;

beforeAll(async () => {
  build();
  copy = copied();
  compiled = compile();
  await import(at('tools/generate.ts'));
  const { testInstance }: typeof import('../support/instance.ts') = await import(
    at('test/support/instance.ts')
  );
  const { standing }: typeof import('../support/arrange.ts') = await import(at('test/support/arrange.ts'));
  t = await testInstance({ site: join(ROOT, 'dist', 'web') });
  olga = await t.person('Olga', ['contributor']);
  max = await t.person('Max', ['aimsManager', 'topManagement']);
  const aiSystem = t.app.registry.get('aiSystem');
  const more = { owner: olga.ref, inScope: 'in' };
  system = await standing(t, aiSystem, 'inScope', 1, { more });
  proposed = await standing(t, aiSystem, 'proposed', 2, { more });
  url = await t.server.listen({ host: '127.0.0.1', port: 0 });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await t?.close();
  await compiled;
  rmSync(copy, { recursive: true, force: true });
});

const at = (path: string): string => pathToFileURL(join(copy, path)).href;

function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aims-more-'));
  for (const part of ['src', 'migrations', 'tools', 'verifiers', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  for (const part of ['support', 'verifiers'])
    cpSync(join(ROOT, 'test', part), join(folder, 'test', part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  cpSync(join(ADDED, 'src'), join(folder, 'src'), { recursive: true });
  for (const [list, line] of LINES) appendFileSync(join(folder, list), line);
  return folder;
}

/** Compiles the source, and beside it the register with a field renamed, and the rule as it would be asked of that. */
async function compile(): Promise<Map<string, string[]>> {
  const text = (file: string) => readFileSync(join(ADDED, 'src', file), 'utf8');
  const folder = join(copy, 'src', 'renamed');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'declaration.ts'),
    text('registers/data-sharing.ts').replaceAll('personalData', 'personalDataRenamed'),
  );
  const rule = text(RULE)
    .replaceAll("'../../", "'../")
    .replace(
      "import { type Registers, registers } from '../registers/index.ts';",
      "import { registers as all } from '../registers/index.ts';\nimport { dataSharing } from './declaration.ts';\nconst registers = { ...all, dataSharing };\ntype Registers = typeof registers;",
    )
    .replace("'../write/rule.ts'", "'../app/write/rule.ts'");
  writeFileSync(join(folder, 'rule.ts'), rule);
  const config: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  const less = { include: ['src'], exclude: ['src/**/*.test.ts', 'src/**/testing/**', 'src/demo/**'] };
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ ...config, ...less }));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const ran = spawn(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', copy]);
  let said = '';
  ran.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await new Promise((done) => ran.once('close', done));
  const errors = new Map<string, string[]>();
  for (const [, file, what] of said.matchAll(/^(\S+?)\(\d+,\d+\): error (.*)$/gm)) {
    const path = file!
      .split(sep)
      .join('/')
      .replace(/^.*\bsrc\//, '');
    errors.set(path, [...(errors.get(path) ?? []), what!]);
  }
  return errors;
}

let count = 0;
const agreement = (more: Record<string, unknown> = {}) => {
  count += 1;
  return {
    title: `Heron ${count}`,
    partner: 'Heron Ltd',
    owner: olga.ref,
    personalData: 'pseudonymous',
    terms: 'Questions of customers, to find out what they ask for.',
    endsOn: day(200),
    reviewBy: day(10),
    systems: [system],
    ...more,
  };
};
const day = (days: number): string =>
  new Date(t.app.clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);

async function ok(a: Promise<Answer>): Promise<Answer['body']> {
  const { status, text, body } = await a;
  expect(status, text).toBeLessThan(300);
  return body;
}
const made = async (more: Record<string, unknown> = {}): Promise<string> =>
  (await ok(olga.ask('POST', 'dataSharing', agreement(more)))).ref;
const submitted = async (more: Record<string, unknown> = {}): Promise<string> => {
  const ref = await made(more);
  await ok(olga.ask('POST', `dataSharing/${ref}/submit`));
  return ref;
};
const refs = (body: Answer['body']): string[] => body.items.map((i: { ref: string }) => i.ref);
const settled = async () => (await t.app.sequencer.settle(t.organisation.id)).size;

test('two files and a line for each are all that was added', () => {
  const added = readdirSync(ADDED, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((f) => f.isFile())
    .map((f) => relative(ADDED, join(f.parentPath, f.name)).split(sep).join('/'));
  expect(added.sort()).toEqual([`src/${RULE}`, 'src/registers/data-sharing.ts']);
  expect(LINES.map(([, line]) => line.trim().split('\n').length)).toEqual([1, 1]);
  for (const file of added)
    expect(readFileSync(join(ADDED, file), 'utf8'), file).not.toMatch(/ as (?!const)/);
});

describe('over HTTP', () => {
  test('it is made, changed, taken on its way, listed, filtered and found', async () => {
    const ref = await made({ title: 'Kingfisher', personalData: 'none' });
    expect(ref).toMatch(/^DSA-\d{4}$/);
    await ok(olga.ask('PATCH', `dataSharing/${ref}`, { partner: 'Kingfisher plc' }));
    await ok(olga.ask('POST', `dataSharing/${ref}/submit`));
    const own = await olga.ask('POST', `dataSharing/${ref}/approve`);
    expect(own.status, own.text).toBe(403);
    const { state, standing } = await ok(max.ask('POST', `dataSharing/${ref}/approve`)).then(() =>
      ok(max.ask('GET', `dataSharing/${ref}`)),
    );
    expect([state, standing]).toEqual(['inUse', 'current']);
    const fixed = await olga.ask('PATCH', `dataSharing/${ref}`, { partner: 'Wren' });
    expect(fixed.status, fixed.text).toBe(409);
    const other = await made();
    const sorted = await ok(max.ask('GET', 'dataSharing?sort=-title'));
    expect(refs(sorted)).toEqual([ref, other]);
    expect(refs(await ok(max.ask('GET', 'dataSharing?state=inUse')))).toEqual([ref]);
    expect(refs(await ok(max.ask('GET', 'dataSharing?personalData=pseudonymous')))).toEqual([other]);
    expect(refs(await ok(max.ask('GET', 'dataSharing?q=kingfisher')))).toEqual([ref]);
    expect(refs(await ok(max.ask('GET', 'search?q=kingfisher')))).toEqual([ref]);
    const back = await ok(max.ask('GET', `aiSystem/${system}`));
    expect(JSON.stringify(back)).toContain('dataSharings');
  });

  test('a changed agreement is no longer approved, and its system tells so', async () => {
    const ref = await submitted();
    await ok(max.ask('POST', `dataSharing/${ref}/approve`));
    await ok(olga.ask('PATCH', `dataSharing/${ref}`, { terms: 'All questions of customers.' }));
    expect((await ok(max.ask('GET', `dataSharing/${ref}`))).standing).toBe('stale');
    const effects = await ok(max.ask('GET', `aiSystem/${system}/effects`));
    expect(JSON.stringify(effects)).toContain(ref);
  });

  test('the interface describes it', async () => {
    const { paths, components } = await ok(max.ask('GET', '/api/v1/openapi.json'));
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/{org}/dataSharing',
        '/api/v1/{org}/dataSharing/{ref}',
        '/api/v1/{org}/dataSharing/{ref}/approve',
      ]),
    );
    expect(components.schemas.DataSharingInput.required.sort()).toEqual(['owner', 'partner', 'title']);
  });

  test('an earlier state is shown as it was', async () => {
    const ref = await made({ title: 'Before' });
    const size = await settled();
    await ok(olga.ask('PATCH', `dataSharing/${ref}`, { title: 'After' }));
    await settled();
    const [then] = (await ok(max.ask('GET', `dataSharing?ref=${ref}&asOf=${size}`))).items;
    expect(then.title).toBe('Before');
    expect((await ok(max.ask('GET', `dataSharing/${ref}?asOf=${size}`))).title).toBe('Before');
    expect((await ok(max.ask('GET', `dataSharing/${ref}`))).title).toBe('After');
  });
});

describe('its rule', () => {
  test('is one of the list, asked whenever it is written', async () => {
    const { rulesFor }: typeof import('../../src/app/write/rules.ts') = await import(
      at('src/app/write/rules.ts')
    );
    const register = t.app.registry.get('dataSharing');
    for (const act of ['create', 'edit', ...Object.keys(register.transitions)])
      expect(rulesFor(register, act).map((r) => r.id)).toContain('dataSharing.managed');
  });

  test('refuses by route: made, edited and approved', async () => {
    const asked = [
      await olga.ask('POST', 'dataSharing', agreement({ systems: [proposed] })),
      await olga.ask('PATCH', `dataSharing/${await made()}`, { systems: [system, proposed] }),
    ];
    const leaving = await leaves();
    asked.push(await max.ask('POST', `dataSharing/${leaving}/approve`));
    expect(asked.map((a) => [a.status, a.body.message])).toEqual(asked.map(() => [409, REFUSED]));
    expect(asked[0]!.body.detail).toContain(`personal data of ${proposed}`);
    const harmless = await olga.ask(
      'POST',
      'dataSharing',
      agreement({ systems: [proposed], personalData: 'none' }),
    );
    expect(harmless.status, harmless.text).toBe(201);
  });

  test('refuses in bulk and by a file, and says by which rule', async () => {
    const ref = await leaves();
    const bulk = await max.ask('POST', 'dataSharing/bulk', { refs: [ref], transition: 'approve' });
    expect([bulk.status, bulk.body.problems[0]?.id], bulk.text).toEqual([409, REFUSED]);
    const many = await olga.ask('POST', 'dataSharing/bulk', {
      refs: [await made()],
      values: { systems: [proposed] },
    });
    expect([many.status, many.body.problems[0]?.id], many.text).toEqual([409, REFUSED]);
    const rows = JSON.stringify([agreement({ systems: [proposed] })]);
    const file = await olga.ask('POST', 'dataSharing/import?format=json', rows);
    expect([file.status, file.body.problems], file.text).toEqual([
      422,
      [expect.objectContaining({ path: 'row 1, column systems', id: 'sharing.wrong.state' })],
    ]);
  });

  test('is known to the page, which does not offer what it refuses', async () => {
    const offered = async (ref: string) =>
      (await ok(max.ask('GET', `dataSharing/${ref}`))).may.transitions.find(
        (o: { name: string }) => o.name === 'approve',
      );
    expect(await offered(await submitted())).toMatchObject({ allowed: true });
    expect(await offered(await leaves())).toMatchObject({
      allowed: false,
      why: expect.stringContaining('Take'),
      refusal: { message: REFUSED },
    });
  });
});

/** Submitted, and then its system left. */
async function leaves(): Promise<string> {
  const { standing }: typeof import('../support/arrange.ts') = await import(at('test/support/arrange.ts'));
  count += 1;
  const more = { owner: olga.ref, inScope: 'in' };
  const leaving = await standing(t, t.app.registry.get('aiSystem'), 'inScope', 100 + count, { more });
  const ref = await submitted({ systems: [leaving] });
  await ok(olga.ask('POST', `aiSystem/${leaving}/retire`, { reason: 'not needed' }));
  return ref;
}

test('my work tells who approves it, and its owner what is due', async () => {
  const ref = await submitted();
  const items = async (who: Visitor): Promise<[string, string][]> =>
    (await ok(who.ask('GET', 'my-work?limit=200'))).items
      .filter((i: { ref: string }) => i.ref === ref)
      .map((i: { kind: string; ref: string }) => [i.kind, i.ref]);
  expect(await items(max)).toEqual([['decisions', ref]]);
  expect(await items(olga)).toEqual([['due', ref]]);
});

test('a file with other headings is looked into and taken', async () => {
  const file = 'Title;Shared with;Owner\nA;Wren;Olga\nB;Rook;Olga\n';
  const seen = await ok(olga.ask('POST', 'dataSharing/import/inspect?format=csv', file));
  expect(seen.columns.map((c: { to: string }) => c.to)).toEqual(['title', 'partner', 'owner']);
  const mapping = encodeURIComponent(JSON.stringify(seen.mapping));
  const taken = await ok(olga.ask('POST', `dataSharing/import?format=csv&mapping=${mapping}`, file));
  expect(taken).toMatchObject({ created: 2, problems: [] });
  const csv = await olga.ask('GET', 'dataSharing/export?format=csv');
  expect(csv.text.split('\n')[0]).toContain('personalData');
});

test('the command line has its commands, says what they take, and works', async () => {
  const { run }: typeof import('../../src/cli/testing/run.ts') = await import(at('src/cli/testing/run.ts'));
  const env = { AIMS_URL: url, AIMS_ORG: 'acme', AIMS_KEY: '' };
  const help = await run(['data-sharing', '--help'], { env });
  for (const command of ['add', 'list', 'import', 'submit', 'approve']) expect(help.out).toContain(command);
  expect((await run(['data-sharing', 'add', '--help'], { env })).out).toContain('--personal-data');
  env.AIMS_KEY = (await t.key('reader', max)).headers.authorization!.replace('Bearer ', '');
  const ref = await made();
  const shown = await run(['data-sharing', 'show', ref], { env });
  expect([shown.code, shown.out], shown.err).toEqual([0, expect.stringContaining('Heron Ltd')]);
});

test('the reference tells who may do what, and the page of the register is there', () => {
  const read = (file: string) => readFileSync(join(copy, 'docs', 'reference', file), 'utf8');
  expect(read('permissions.md')).toMatch(/Data sharing agreements.*approve/s);
  expect(read('register-dataSharing.md')).toContain('Shared with');
  expect(read('coverage.md')).toContain('which data of an AI system leaves');
});

test('an audit pack holds it, and every verifier finds that sound', async () => {
  await made({ title: 'Packed' });
  await settled();
  const r = await t.server.inject({ method: 'GET', url: '/api/v1/acme/audit-pack', headers: max.headers });
  const path = join(copy, 'pack.zip');
  writeFileSync(path, r.rawPayload);
  const { recordsOf }: typeof import('../support/packed.ts') = await import(at('test/support/packed.ts'));
  const { verdicts }: typeof import('../verifiers/programs.ts') = await import(
    at('test/verifiers/programs.ts')
  );
  expect(recordsOf(path).filter((x) => x.ref.startsWith('DSA-')).length).toBeGreaterThan(1);
  const said = await verdicts(path, (await t.stranger.ask('GET', '/log/acme/vkey')).text.trim());
  expect(said).toEqual(Object.fromEntries(Object.keys(said).map((name) => [name, ''])));
});

test('its pages: the list, the form, the record', async () => {
  browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addCookies(
    olga.headers.cookie!.split('; ').map((c) => {
      const cut = c.indexOf('=');
      return { name: c.slice(0, cut), value: c.slice(cut + 1), url };
    }),
  );
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('response', (r) => {
    if (r.status() >= 500) faults.push(`${r.status()} ${r.url()}`);
  });
  await page.goto(`${url}/#/o/acme/dataSharing`);
  await page.getByRole('heading', { name: 'Data sharing agreements' }).waitFor();
  await page.getByRole('button', { name: 'New' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title').fill('Bittern');
  await dialog.getByLabel('Shared with').fill('Bittern Ltd');
  await dialog.getByLabel('Owner').click();
  await page.getByRole('option', { name: /Olga/ }).click();
  await dialog.getByRole('button', { name: 'Create Data sharing agreement' }).press('Enter');
  await page.getByRole('heading', { name: /Bittern/ }).waitFor();
  await page.getByRole('button', { name: 'Submit', exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('its rule does not compile when a field that it reads is renamed, and nothing else says it', async () => {
  const errors = await compiled;
  expect([...errors.keys()]).toEqual(['renamed/rule.ts']);
  expect(errors.get('renamed/rule.ts')!.join()).toContain('personalData');
});
