import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registry } from '../../src/registers/index.ts';
import { sampleInput, targetOf } from '../support/arrange.ts';
import { accessible as accessiblePage, launch } from '../support/browser.ts';
import { ROOT, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';
import { build } from '../support/served.ts';

/** Earlier states in a real browser: chosen by keyboard, shown with a banner, kept from page to page, and left again. */

let t: TestInstance;
let ada: Visitor;
let browser: Browser;
let page: Page;
let url: string;
let ref: string;
let then: number;
let system: string;
let release: string;
let assessment: string;
const faults: string[] = [];

beforeAll(async () => {
  build();
  t = await testInstance({ site: join(ROOT, 'dist', 'web') });
  ada = await t.person('Ada', ['topManagement', 'aimsManager']);
  const made = await ada.ask('POST', 'risk', {
    ...(await sampleInput(t, registry.get('risk'), 1)),
    title: 'The first wording',
  });
  ref = made.body.ref;
  release = await targetOf(t, 'release');
  system = await targetOf(t, 'aiSystem');
  assessment = await targetOf(t, 'impactAssessment');
  then = (await t.app.sequencer.settle(t.organisation.id)).size;
  await ada.ask('PATCH', `risk/${ref}`, { title: 'The second wording' });
  await ada.ask('POST', 'risk', {
    ...(await sampleInput(t, registry.get('risk'), 2)),
    title: 'A later risk',
  });
  await t.app.sequencer.settle(t.organisation.id);
  url = await t.server.listen({ host: '127.0.0.1', port: 0 });
  browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: 'UTC' });
  await context.addCookies(
    ada.headers.cookie!.split('; ').map((c) => {
      const at = c.indexOf('=');
      return { name: c.slice(0, at), value: c.slice(at + 1), url };
    }),
  );
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('response', (r) => {
    if (r.status() >= 500) faults.push(`${r.status()} ${r.url()}`);
  });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await t?.close();
});

const accessible = (where: string) => accessiblePage(page, where);

const banner = () => page.getByRole('region', { name: 'Earlier state' });

test('an earlier state is chosen by keyboard, and every page shows it with a banner and without buttons to change', async () => {
  await page.goto(`${url}/#/o/acme/risk`);
  await page.getByText('The second wording').waitFor();
  await page.getByRole('button', { name: 'As of' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Show an earlier state' });
  await dialog.getByLabel('Or number of ledger entries').fill(String(then));
  await accessible('the choice');
  await page.keyboard.press('Enter');
  await page.getByText('The first wording').waitFor();
  expect(await page.getByText('A later risk').count()).toBe(0);
  await banner().getByText(`entry ${then}`).waitFor();
  expect(page.url()).toContain(`asOf=${then}`);
  for (const name of ['New', 'Import']) expect(await page.getByRole('button', { name }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Export CSV' }).getAttribute('href')).toContain(`asOf=${then}`);
  await accessible('list');

  await page.getByRole('link', { name: /The first wording/ }).click();
  await page.getByRole('heading', { name: /The first wording/ }).waitFor();
  await banner().waitFor();
  expect(await page.getByRole('button', { name: 'Edit' }).count()).toBe(0);
  expect(await page.getByRole('region', { name: 'What can be done' }).count()).toBe(0);
  await accessible('record');
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByText('Version 1:').waitFor();
  expect(await page.getByText('Version 2:').count()).toBe(0);

  await page.getByRole('link', { name: 'Home' }).click();
  await page.getByRole('link', { name: `${then} entries in the ledger` }).waitFor();
  expect(await page.getByRole('heading', { name: 'Next steps' }).count()).toBe(0);
  await accessible('home');
  await page.getByRole('link', { name: 'Ledger', exact: true }).click();
  await banner().getByText('always shows the present ledger').waitFor();
  await banner().getByRole('button', { name: 'Back to now' }).press('Enter');
  await banner().waitFor({ state: 'detached' });
  expect(page.url()).not.toContain('asOf');
});

test('a time is taken too; one that is not possible says what is', async () => {
  await page.goto(`${url}/#/o/acme/risk?asOf=2001-01-01`);
  await banner()
    .getByText(/possible are sizes from 1/)
    .first()
    .waitFor();
  await accessible('impossible');
  await banner().getByRole('button', { name: 'Back to now' }).click();
  await page.getByText('The second wording').waitFor();
  const today = new Date().toISOString().slice(0, 10);
  await page.goto(`${url}/#/o/acme/risk?asOf=${today}`);
  await banner().getByText(/entry/).waitFor();
  await page.getByText('The second wording').waitFor();
  await page.getByRole('button', { name: 'Earlier state' }).click();
  expect(await page.getByLabel('Time, in your time zone').inputValue()).toBe(`${today}T23:59:59`);
  await page.keyboard.press('Escape');
});

test('what is computed is shown as it was: rating, matrix, statement of applicability; nothing can be decided', async () => {
  const api: string[] = [];
  const heard = (r: { url(): string }) => {
    if (
      /\/api\/.*(standing|matrix|quantification|portfolio|triggers|statement|requirements|effects|\/gate)/.test(
        r.url(),
      )
    )
      api.push(r.url());
  };
  page.on('request', heard);
  await page.goto(`${url}/#/o/acme/risk/${ref}?asOf=${then}`);
  await page.getByRole('tab', { name: 'Rating' }).waitFor();
  await page.getByText('Expected loss a year').first().waitFor();
  await accessible('rating');
  await page.goto(`${url}/#/o/acme/risk-matrix?asOf=${then}`);
  await banner().waitFor();
  const risks = async (asOf: string) => (await ada.ask('GET', `risk/matrix${asOf}`)).body.total as number;
  const [before, now] = [await risks(`?asOf=${then}`), await risks('')];
  expect(before).toBeLessThan(now);
  await page.getByText(new RegExp(`^${before} open risk`)).waitFor();
  await accessible('matrix');
  await page.goto(`${url}/#/o/acme/statement-of-applicability?asOf=${then}`);
  await page.getByText(/^\d+ controls: /).waitFor();
  expect(await page.getByRole('button', { name: /Propose/ }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'CSV' }).getAttribute('href')).toContain(`asOf=${then}`);
  await accessible('statement');
  await page.goto(`${url}/#/o/acme/aiSystem/${system}?asOf=${then}`);
  await page.getByRole('tab', { name: 'What it needs' }).waitFor();
  await page.getByRole('heading', { name: 'Asked of this system', exact: true }).waitFor();
  await page.goto(`${url}/#/o/acme/release/${release}?asOf=${then}`);
  await page.getByRole('tab', { name: 'Gate' }).waitFor();
  await page.getByRole('region', { name: 'Verdict' }).waitFor();
  expect(await page.getByRole('button', { name: 'Record gate decision' }).count()).toBe(0);
  await accessible('gate');
  await page.goto(`${url}/#/o/acme/impactAssessment/${assessment}?asOf=${then}`);
  await page.getByRole('tab', { name: 'Review' }).click();
  await page.getByText('Not approved yet').waitFor();
  await page.goto(`${url}/#/o/acme/risk-in-money?asOf=${then}`);
  await page.getByRole('heading', { name: new RegExp(`^${before} risk`) }).waitFor();
  await accessible('in money');
  page.off('request', heard);
  expect(api.length).toBeGreaterThan(4);
  for (const asked of api) expect(asked).toContain(`asOf=${then}`);
});

test('what changed: both values, who, and counts by register; narrowed to one register', async () => {
  await page.goto(`${url}/#/o/acme`);
  await page.getByRole('link', { name: 'What changed' }).click();
  await page.getByRole('heading', { name: 'What changed' }).waitFor();
  await accessible('what changed, asked');
  await page
    .getByRole('group', { name: 'From' })
    .getByLabel('Or number of ledger entries')
    .fill(String(then));
  await page.keyboard.press('Enter');
  const found = page.getByRole('region', { name: 'Differences' });
  await found.getByRole('deletion').getByText('The first wording').waitFor();
  await found.getByRole('insertion').getByText('The second wording').waitFor();
  await found.getByText('A later risk').first().waitFor();
  await found.getByText(/Version 2: Edit by Ada/).waitFor();
  expect(await found.getByRole('row', { name: 'AI risks 1 1' }).count()).toBe(1);
  await accessible('what changed, answered');
  await page.getByLabel('Register', { exact: true }).selectOption('hazard');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByText('Nothing was created or changed').waitFor();
  expect(page.url()).toContain('register=hazard');
});

test('a log whose key is lost: said above every page until it is back, to whoever keeps it with what to do', async () => {
  const key = join(t.dataDir, 'keys', 'log-acme.pem');
  const says = page.getByRole('region', { name: 'The log' });
  await page.goto(`${url}/#/o/acme/risk`);
  await page.getByText('A later risk').waitFor();
  expect(await says.count()).toBe(0);
  renameSync(key, `${key}-aside`);
  await ada.ask('PATCH', `risk/${ref}`, { title: 'A wording that waits' });
  await t.app.sequencer.settle(t.organisation.id).catch(() => {});
  const pages: [path: string, heading: RegExp][] = [
    ['my-work', /My work/],
    [`risk/${ref}`, /A wording that waits/],
  ];
  for (const [path, heading] of pages) {
    await page.goto(`${url}/#/o/acme/${path}`);
    await page.getByRole('heading', { name: heading }).first().waitFor();
    await says
      .getByRole('alert')
      .getByText(/The log is not signed.*1 entry waits/)
      .waitFor();
    await says.getByText(/is not in the folder of keys.*When the file is back/).waitFor();
  }
  renameSync(`${key}-aside`, key);
  await t.app.sequencer.settle(t.organisation.id);
  await page.getByRole('link', { name: 'Home' }).click();
  await says.waitFor({ state: 'detached' });
});

test('no page failed meanwhile', () => {
  expect(faults).toEqual([]);
});
