import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clockWarning } from '../../src/demo/index.ts';
import { accessible, launch } from '../support/browser.ts';
import { ROOT } from '../support/instance.ts';
import { type Served, serve } from '../support/served.ts';

/** The pages in a real browser: what a newcomer does first, and what the people of the demo do. */

let browser: Browser;
const faults: string[] = [];

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

async function open(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('response', (r) => {
    if (r.status() >= 500) faults.push(`${r.status()} ${r.url()}`);
  });
  return { context, page };
}

describe('a newcomer', () => {
  let served: Served;
  let page: Page;
  beforeAll(async () => {
    served = await serve();
    page = (await open()).page;
  });
  afterAll(async () => {
    await served?.stop();
    served?.forget();
  });

  test('the printed link makes the organisation and signs in', async () => {
    const link = /http:\S+first-run\?token=\S+/.exec(served.printed())?.[0];
    expect(link).toBeDefined();
    await page.goto(link!);
    await page.getByLabel('Organisation').fill('ACME Ltd');
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('Email').fill('ada@acme.example');
    await page.getByLabel('Password').fill('a long enough password');
    await accessible(page, 'first run');
    await page.getByRole('button', { name: 'Create the organisation' }).click();
    await page.getByRole('heading', { name: 'ACME Ltd' }).waitFor();
    await page.getByText('nothing recorded yet').first().waitFor();
    await accessible(page, 'home');
  });

  test('a record is made with the keyboard alone and edited; the history shows what changed', async () => {
    await page.goto(`${served.url}/#/o/acme-ltd/aiSystem`);
    await page.getByRole('heading', { name: 'AI systems' }).waitFor();
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await accessible(page, 'new record');
    await dialog.getByLabel('Name').fill('Support assistant');
    await dialog.getByLabel('Intended purpose').fill('Answers customers');
    await dialog.getByLabel('Owner').click();
    await page.getByRole('option', { name: /Ada Lovelace/ }).click();
    await dialog.getByRole('button', { name: 'Create AI system' }).press('Enter');
    await page.getByRole('heading', { name: /Support assistant/ }).waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByLabel('Intended purpose').fill('Answers questions of customers');
    await page.getByRole('dialog').getByRole('button', { name: /Save/ }).click();
    await page.getByRole('tab', { name: 'History' }).click();
    await page
      .getByText(/Answers questions of customers/)
      .first()
      .waitFor();
    await page.getByText('Version 2').first().waitFor();
    await accessible(page, 'history');
  });

  test('a fault of the input is shown at its field, and nothing is stored', async () => {
    await page.goto(`${served.url}/#/o/acme-ltd/aiSystem`);
    await page.getByRole('button', { name: 'New' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create AI system' }).click();
    await dialog.getByRole('alert').or(dialog.locator('[aria-invalid=true]')).first().waitFor();
    expect(await dialog.locator('[aria-invalid=true]').count()).toBeGreaterThan(0);
  });
});

const unfit = clockWarning(join(ROOT, 'demo'), new Date());
if (unfit) console.log(`skipped: ${unfit}`);

describe.skipIf(unfit !== undefined)('the people of the demo', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ demo: true });
  });
  afterAll(async () => {
    await served?.stop();
    served?.forget();
  });

  async function signIn(name: string): Promise<Page> {
    const { page } = await open();
    await page.goto(served.url);
    await page.getByRole('button', { name: new RegExp(name) }).click();
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'ACME Retail' }).waitFor();
    return page;
  }

  test('the gate page says why 2.3.1 is refused, and what is not checked', async () => {
    const page = await signIn('Tom Weber');
    await page.goto(`${served.url}/#/o/demo/release/REL-0001`);
    await page.getByText('Refused').first().waitFor();
    await page
      .getByText(/8 of 8 failed/)
      .first()
      .waitFor();
    await page
      .getByText(/hijacking/)
      .first()
      .waitFor();
    await accessible(page, 'gate');
    await page.context().close();
  });

  test('result files are dropped, people approve, the gate allows', async () => {
    const tom = await signIn('Tom Weber');
    await tom.goto(`${served.url}/#/o/demo/release/REL-0002`);
    await tom.getByText('Insufficient').first().waitFor();
    const files = ['redteam-2.3.2.json', 'redteam-hijacking-2.3.2.0.121.20.json'];
    for (const [i, file] of files.entries()) {
      await tom.getByLabel(/Drop the test tool/).setInputFiles(join(ROOT, 'demo', 'evidence', file));
      await tom
        .getByText(i === 0 ? /44/ : /12/)
        .first()
        .waitFor();
      await tom
        .getByText(/TST-\d+/)
        .first()
        .waitFor();
    }
    const aisha = await signIn('Aisha Rahman');
    await aisha.goto(`${served.url}/#/o/demo/change/CHG-0002`);
    await aisha.getByRole('button', { name: 'Approve', exact: true }).click();
    await confirm(aisha);
    for (const [page, name] of [
      [aisha, 'Aisha'],
      [await signIn('Priya Nair'), 'Priya'],
    ] as const) {
      await page.goto(`${served.url}/#/o/demo/release/REL-0002`);
      await page.getByRole('button', { name: 'Approve', exact: true }).click();
      await confirm(page);
      expect(name).toBeTruthy();
    }
    await tom.reload();
    await tom.getByText('Allowed', { exact: true }).first().waitFor();
    await tom.getByRole('button', { name: 'Record gate decision' }).click();
    await tom
      .getByText(/GAT-\d+/)
      .first()
      .waitFor();
    for (const page of [tom, aisha]) await page.context().close();
  });

  test('the browser checks checkpoint and proof with its own code', async () => {
    const page = await signIn('Elena Rossi');
    await page.goto(`${served.url}/#/o/demo/ledger`);
    await page.getByText('Unwitnessed').waitFor();
    await page.getByLabel('Entry to prove (optional)').fill('17');
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    await page
      .getByText(/Verified|holds|passed/i)
      .first()
      .waitFor();
    await accessible(page, 'ledger');
    await page.context().close();
  });

  /** The dialog of a transition, where one opens. */
  async function confirm(page: Page): Promise<void> {
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
});

test('no page raised an error and no request ended in a 5xx', () => {
  expect(faults).toEqual([]);
});
