import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConcernRelease } from '../../src/app/govern/concern-release.ts';
import { INTERVAL } from '../../src/app/govern/concerns.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { dayFrom } from '../support/arrange.ts';
import { accessible, launch } from '../support/browser.ts';
import { given, PASSWORD, ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { build } from '../support/served.ts';

/** What people without an account do in a real browser: raise a concern without a name, acknowledge a document by a link. */

const clock = fixedClock(new Date().toISOString());
let t: TestInstance;
let browser: Browser;
let url: string;
let manager: Visitor;
const faults: string[] = [];
/** Axe looks at each page in two themes. */
const SLOW = { timeout: 240_000 };

beforeAll(async () => {
  build();
  t = await testInstance({ clock, site: join(ROOT, 'dist', 'web') });
  await t.concerns.stop();
  url = await t.server.listen({ host: '127.0.0.1', port: 0 });
  manager = await t.person('Mia Manager', ['aimsManager', 'topManagement']);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await t?.close();
});

async function open(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('response', (r) => {
    if (r.status() >= 500) faults.push(`${r.status()} ${r.url()}`);
  });
  return page;
}

async function signedIn(): Promise<Page> {
  const page = await open();
  await page.goto(`${url}/#/sign-in`);
  await page.getByLabel('Email').fill('mia.manager@acme.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'acme' }).waitFor();
  return page;
}

test('a concern without a name, from the first word to the answer', SLOW, async () => {
  const keeper = await signedIn();
  const doorIs = async () => (await t.stranger.ask('GET', 'concerns/door')).body.open;
  const turn = async (what: 'Open' | 'Close', says: string) => {
    await keeper.getByRole('button', { name: `${what} the door for concerns…` }).click();
    await keeper.getByRole('button', { name: `${what} the door for concerns`, exact: true }).click();
    await keeper.getByText(says, { exact: false }).first().waitFor();
  };
  await keeper.goto(`${url}/#/o/acme/ledger`);
  await keeper.getByText('Concerns without a name are not taken.').waitFor();
  await turn('Open', 'Concerns without a name are taken at');
  expect(await doorIs()).toBe(true);
  await turn('Close', 'Concerns without a name are not taken.');
  expect(await doorIs()).toBe(false);
  await turn('Open', 'Concerns without a name are taken at');
  await accessible(keeper, 'door');
  const address = (await keeper.getByRole('link', { name: /concerns\?org=acme/ }).textContent())!;
  await keeper.context().close();
  const someone = await open();
  await someone.goto(address);
  await someone.getByLabel('In a sentence').fill('It answers worse to some');
  await someone.getByLabel('What worries you').fill('Those with an accent are sent away.');
  await accessible(someone, 'raise');
  await someone.getByRole('button', { name: 'Send without a name' }).click();
  await someone.getByRole('heading', { name: 'Your code' }).waitFor();
  const code = (await someone.locator('p.mono').textContent())!;
  expect(code).toMatch(/^([0-9A-Z]{5}-){5}[0-9A-Z]$/);
  expect(await someone.context().cookies()).toEqual([]);
  expect(await someone.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
  await someone.context().close();

  const handler = await signedIn();
  await handler.goto(`${url}/#/o/acme/concern`);
  await handler.getByRole('heading', { name: 'Concerns' }).waitFor();
  expect(await handler.getByText('It answers worse to some').count()).toBe(0);
  clock.advance(INTERVAL);
  await new ConcernRelease(t.app).work();
  await handler.reload();
  await handler.getByText('It answers worse to some').first().click();
  await handler.getByText('Raised without a name.', { exact: false }).waitFor();
  await handler.getByLabel('Write to the person who raised it').fill('Which shop was it?');
  await handler.getByRole('button', { name: 'Send' }).click();
  await handler.getByText('Which shop was it?', { exact: true }).first().waitFor();
  await accessible(handler, 'conversation');

  const later = await open();
  await later.goto(`${url}/#/concerns?org=acme`);
  await later.getByLabel('Code').fill(code.toLowerCase());
  await later.getByRole('button', { name: 'Show what became of it' }).click();
  await later.getByText('Which shop was it?').waitFor();
  await later.getByLabel('Write more').fill('The one at the station.');
  await later.getByRole('button', { name: 'Send' }).click();
  await later.getByText('Waits to be passed on').waitFor();
  await accessible(later, 'follow');
  clock.advance(INTERVAL);
  await new ConcernRelease(t.app).work();
  await handler.reload();
  await handler.getByText('The one at the station.').waitFor();
  for (const page of [handler, later]) await page.context().close();
});

test('a document is acknowledged by a mailed link, once', SLOW, async () => {
  await given(t, 'person', { name: 'Lea Link', email: 'lea@example.org' });
  const made = await manager.ask('POST', 'document', {
    title: 'AI policy',
    kind: 'procedure',
    owner: manager.ref,
    body: '# What we hold ourselves to\n\nDo no harm.',
    reviewBy: dayFrom(t, 300),
    acknowledgedBy: 'everyone',
  });
  const ref = made.body.ref;
  const top = await t.person('Tia Top', ['topManagement']);
  for (const [who, name] of [
    [manager, 'submit'],
    [top, 'approve'],
    [manager, 'publish'],
  ] as const)
    expect((await who.ask('POST', `document/${ref}/${name}`, {})).status).toBe(200);
  const page = await signedIn();
  await page.goto(`${url}/#/o/acme/document/${ref}`);
  await page.getByText('0 of 3 people').waitFor();
  await accessible(page, 'edition in force');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Make links to mail' }).click();
  const file = await (await download).createReadStream();
  let csv = '';
  for await (const chunk of file) csv += String(chunk);
  const [head, row] = csv.trim().split('\n');
  expect(head).toBe('name,email,link');
  const link = row!.split(',')[2]!.replace(/^https?:\/\/[^/]+/, url);

  const reader = await open();
  await reader.goto(link);
  await reader.getByRole('heading', { name: 'AI policy' }).waitFor();
  await reader.getByText('This link is for Lea Link.', { exact: false }).waitFor();
  await accessible(reader, 'acknowledge');
  await reader.getByRole('button', { name: 'I have read and understood it' }).click();
  await reader.getByRole('heading', { name: 'Thank you' }).waitFor();
  const again = await open();
  await again.goto(link);
  await again.getByRole('heading', { name: 'This link opens nothing' }).waitFor();
  await page.reload();
  await page.getByText('1 of 3 people').waitFor();
  await page.getByText('mailed link').waitFor();
  for (const p of [page, reader, again]) await p.context().close();
});

test('the pages of the step can be read by everybody', SLOW, async () => {
  const page = await signedIn();
  for (const [path, heading] of [
    ['templates', 'Start a document'],
    ['awareness', 'Who has read what'],
    ['raci', 'RACI matrix'],
    ['raise', 'Raise a concern'],
  ] as const) {
    await page.goto(`${url}/#/o/acme/${path}`);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    await accessible(page, path);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
    await page.setViewportSize({ width: 1280, height: 900 });
  }
  await page.context().close();
});

test('no page raised an error and no request ended in a 5xx', () => {
  expect(faults).toEqual([]);
});
