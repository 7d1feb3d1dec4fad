import AxeBuilder from '@axe-core/playwright';
import sparticuz from '@sparticuz/chromium';
import { type APIRequestContext, type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, serve } from './served.ts';

/** The first hour in a real browser: of one person, of three, and of two thousand. */

const PASSWORD = 'a long enough password';
let browser: Browser;
const faults: string[] = [];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: sparticuz.args.filter(
      (a) => !['--single-process', '--no-zygote', '--disable-web-security'].includes(a),
    ),
    headless: true,
  });
});
afterAll(() => browser?.close());

async function open(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('response', (r) => {
    if (r.status() >= 500) faults.push(`${r.status()} ${r.url()}`);
  });
  return page;
}

async function accessible(page: Page, where: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${where} ${scheme}: ${v.id} ${v.nodes[0]?.target.join(' ')}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The first account, by the pages; nothing is green then. */
async function firstRun(served: Served, organisation: string, size: number): Promise<Page> {
  const page = await open();
  await page.goto(/http:\S+first-run\?token=\S+/.exec(served.printed())![0]);
  await page.getByLabel('Organisation').fill(organisation);
  await page.getByLabel('How many people work in it').fill(String(size));
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('Email').fill('ada@firm.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the organisation' }).click();
  await page.getByRole('heading', { name: organisation }).waitFor();
  await page.getByText('0 of 9 first steps taken').waitFor();
  expect(await page.locator('.tone-ok').count()).toBe(0);
  expect(await page.getByRole('region', { name: 'Next steps' }).getByRole('listitem').count()).toBe(3);
  return page;
}

/** Takes the preset that is proposed. */
async function takePreset(page: Page, title: RegExp): Promise<void> {
  await page.getByRole('link', { name: title }).click();
  await page.getByRole('heading', { name: 'Criteria to begin with' }).waitFor();
  await accessible(page, 'presets');
  await page.getByRole('button', { name: 'Take it and ask for approval' }).click();
  await page.getByText('waits for its decision').waitFor();
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Api = (method: 'get' | 'post' | 'patch', path: string, body?: unknown) => Promise<any>;

/** The API as whoever is signed in on the page, for arranging what other pages are tested for. */
const apiOf =
  (request: APIRequestContext, served: Served, org: string): Api =>
  async (method, path, data) => {
    const a = await request[method](`${served.url}/api/v1/${org}/${path}`, {
      headers: { origin: served.url },
      ...(data === undefined ? {} : { data }),
    });
    expect(a.status(), `${path}: ${await a.text()}`).toBeLessThan(300);
    return a.json();
  };

/** A system confirmed with its class, by the pages; then what is asked of it, and what is not. */
async function confirmSystem(page: Page, served: Served, org: string, api: Api, riskClass: string) {
  const system = (
    await api('post', 'aiSystem', { name: 'Support bot', purpose: 'Answers', owner: 'PSN-0001' })
  ).ref;
  await api('patch', `aiSystem/${system}`, {
    approver: 'PSN-0001',
    isoRoles: ['provider'],
    riskClass,
    inScope: 'in',
  });
  await page.goto(`${served.url}/#/o/${org}/aiSystem/${system}`);
  await page.getByRole('button', { name: 'Take into scope' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take into scope' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByRole('tab', { name: 'What it needs' }).waitFor();
  await page.getByRole('heading', { name: 'Asked of this system', exact: true }).waitFor();
  await page.getByText(`In scope, class ${riskClass}.`).waitFor();
  return system;
}

describe('a firm of one', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(async () => {
    await served?.stop();
    served?.forget();
  });

  test('is told that it decides alone, from when, and what is not asked of it', async () => {
    const page = await firstRun(served, 'Solo', 1);
    await accessible(page, 'home');
    await takePreset(page, /criteria for one person/);
    await page.getByText(/you may decide it alone from/).waitFor();
    const api = apiOf(page.request, served, 'solo');
    await page.goto(`${served.url}/#/o/solo/criteria/CRI-0001`);
    await page.getByText(/Being the only person here, you may decide it alone from/).waitFor();
    await confirmSystem(page, served, 'solo', api, 'limited');
    await page.getByRole('heading', { name: 'Not asked of this system' }).waitFor();
    await page.getByText(/One person may be owner, approver and oversight/).waitFor();
    await accessible(page, 'requirements');
    await page.goto(`${served.url}/#/o/solo`);
    await page.getByText('3 of 9 first steps taken').waitFor();
    expect(await page.locator('.tone-ok').count()).toBe(0);
    await page.context().close();
  });
});

describe('a firm of three', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(async () => {
    await served?.stop();
    served?.forget();
  });

  test('combines roles; another decides; the gate then says what is missing', async () => {
    const page = await firstRun(served, 'Trio', 3);
    const api = apiOf(page.request, served, 'trio');
    const bea = await join(api, 'Bea Two', 'bea@firm.example', ['designatedManagement']);
    await takePreset(page, /criteria for a small organisation/);
    await page.getByText('Asked: Bea Two.').waitFor();
    const system = await confirmSystem(page, served, 'trio', api, 'limited');
    await api('patch', `aiSystem/${system}`, { oversight: bea.ref });
    await bea.page.goto(`${served.url}/#/o/trio/criteria/CRI-0001`);
    await bea.page.getByRole('button', { name: 'Approve' }).click();
    await bea.page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await bea.page.getByRole('dialog').waitFor({ state: 'hidden' });
    await bea.page.getByText('Approved', { exact: true }).first().waitFor();
    await api('post', 'hazard', {
      code: 'HZ-900',
      title: 'Leaks data',
      severity: 'critical',
      systems: [system],
    }).then((h) => api('post', `hazard/${h.ref}/confirm`, {}));
    for (const [i, title] of ['One', 'Two', 'Three'].entries()) {
      const risk = await api('post', 'risk', { title, owner: 'PSN-0001', systems: [system] });
      await api('patch', `risk/${risk.ref}`, {
        scenario: 's',
        likelihood: 2 + i,
        impactOrganisation: 2,
        impactIndividuals: 4,
        impactSociety: 1,
      });
    }
    await api('post', 'release', { title: '1.0', releaseVersion: '1.0', system: [system] });
    await page.goto(`${served.url}/#/o/trio`);
    await page.getByText('7 of 9 first steps taken').waitFor();
    await page.getByRole('link', { name: 'Ask the gate about a release' }).click();
    await page.getByRole('button', { name: 'Decide and record' }).click();
    await page
      .getByText(/^(Insufficient|Refused)$/)
      .first()
      .waitFor();
    await page.goto(`${served.url}/#/o/trio`);
    await page.getByText('8 of 9 first steps taken').waitFor();
    await page.context().close();
    await bea.page.context().close();
  });

  /** Somebody invited, who accepts and is signed in on a page of their own. */
  async function join(api: Api, name: string, email: string, roles: string[]) {
    const { ref } = await api('post', 'person', { name, email, roles });
    const invited = await api('post', `person/${ref}/invite`, {});
    const page = await open();
    await page.goto(invited.invitation.link);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button').last().click();
    await page.getByRole('heading', { name: 'Trio' }).waitFor();
    return { ref: ref as string, page };
  }
});

describe('a firm of two thousand', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve();
  });
  afterAll(async () => {
    await served?.stop();
    served?.forget();
  });

  test('imports its people, and criteria need two of management', async () => {
    const page = await firstRun(served, 'Giant', 2000);
    const rows = Array.from({ length: 1999 }, (_, i) => `Person ${i + 2},p${i + 2}@firm.example`);
    const csv = `name,email\n${rows.join('\n')}\n`;
    const imported = await page.request.post(`${served.url}/api/v1/giant/person/import?format=csv`, {
      headers: { origin: served.url, 'content-type': 'text/csv' },
      data: csv,
    });
    expect(await imported.json()).toMatchObject({ created: 1999 });
    await page.reload();
    await page
      .getByText('2000 people: a larger organisation')
      .or(page.getByText(/2,?000 people/))
      .first()
      .waitFor();
    const api = apiOf(page.request, served, 'giant');
    const heads: Page[] = [];
    for (const ref of ['PSN-0002', 'PSN-0003']) {
      await api('patch', `person/${ref}`, { roles: ['designatedManagement'] });
      const invited = await api('post', `person/${ref}/invite`, {});
      const head = await open();
      await head.goto(invited.invitation.link);
      await head.getByLabel('Password').fill(PASSWORD);
      await head.getByRole('button').last().click();
      await head.getByRole('heading', { name: 'Giant' }).waitFor();
      heads.push(head);
    }
    await takePreset(page, /criteria for a larger organisation/);
    await page.getByText('Asked: Person 2 or Person 3.').waitFor();
    for (const [i, head] of heads.entries()) {
      await head.goto(`${served.url}/#/o/giant/criteria/CRI-0001`);
      await head.getByText(`${i} of 2 decided`).waitFor();
      await head.getByRole('button', { name: 'Approve' }).click();
      await head.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      await head.getByRole('dialog').waitFor({ state: 'hidden' });
      await head
        .getByText(i === 0 ? '1 of 2 decided' : 'Approved')
        .first()
        .waitFor();
      if (i === 0) await accessible(head, 'one of two');
    }
    await confirmSystem(page, served, 'giant', api, 'high');
    await page.getByText('owner, approver, oversight must be different people').waitFor();
    await page.context().close();
    for (const head of heads) await head.context().close();
  });
});

test('no page raised an error and no request ended in a 5xx', () => {
  expect(faults).toEqual([]);
});
