import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { APIRequestContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { ROOT } from './instance.ts';
import type { Served } from './served.ts';

/** What a newcomer does in the first hour, by pages and command line; sizes of firms differ in who decides. */

export const PASSWORD = 'a long enough password';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export type Api = (method: 'get' | 'post' | 'patch', path: string, body?: unknown) => Promise<any>;

/** The API as whoever is signed in on the page, for arranging what other pages are tested for. */
export const apiOf =
  (request: APIRequestContext, served: Served, org: string): Api =>
  async (method, path, data) => {
    const a = await request[method](`${served.url}/api/v1/${org}/${path}`, {
      headers: {
        origin: served.url,
        ...(typeof data === 'string' ? { 'content-type': 'text/csv' } : {}),
      },
      ...(data === undefined ? {} : { data }),
    });
    expect(a.status(), `${path}: ${await a.text()}`).toBeLessThan(300);
    return a.json();
  };

/** The first account, by the pages; nothing is green then. */
export async function firstRun(
  page: Page,
  served: Served,
  organisation: string,
  size: number,
): Promise<void> {
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
}

/** Somebody invited, who accepts and is signed in on a page of their own. */
export async function accept(api: Api, ref: string, page: Page, organisation: string): Promise<void> {
  const invited = await api('post', `person/${ref}/invite`, {});
  await page.goto(invited.invitation.link);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button').last().click();
  // The invitation names the organisation too.
  await page.waitForURL(/#\/o\//);
  await page.getByRole('heading', { name: organisation, exact: true }).waitFor();
}

/** Takes the preset that is proposed, with an appetite of one's own. */
export async function takePreset(page: Page, title: RegExp, appetite: number): Promise<void> {
  await page.getByRole('link', { name: title }).click();
  await page.getByRole('heading', { name: 'Starting criteria' }).waitFor();
  await page.getByLabel('Risk appetite').fill(String(appetite));
  await page.getByRole('button', { name: 'Take it and ask for approval' }).click();
  await page.getByText('waits for its decision').waitFor();
}

/** Presses a button that asks again in a dialog, and waits until it is done. */
export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).first().click();
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

/**
 * AI systems out of a CSV, by the page: the one that stands in it twice is marked, and taken out. What a column becomes is said by the person
 * where its heading says nothing.
 */
export async function importSystems(page: Page, list: string): Promise<void> {
  await page.goto(list);
  await page.getByRole('button', { name: 'Import' }).click();
  const panel = page.getByRole('dialog');
  const give = (rows: string[]) =>
    panel.locator('input[type=file]').setInputFiles({
      name: 'systems.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['name,What for,owner', ...rows, ''].join('\n')),
    });
  const check = async () => {
    await panel.getByLabel('What for becomes').selectOption('purpose');
    await panel.getByRole('button', { name: 'Check' }).click();
  };
  const two = ['Support bot,Answers customers,PSN-0001', 'Forecasting,Orders stock,PSN-0001'];
  await give([...two, 'support bot,Answers customers,PSN-0001']);
  await check();
  await panel.getByText('1 row may be there already').waitFor();
  await panel.getByText('line 4').waitFor();
  await give(two);
  await check();
  await panel.getByText('2 rows: 2 new').waitFor();
  await panel.getByRole('button', { name: 'Import', exact: true }).click();
  await panel.waitFor({ state: 'hidden' });
}

/** Three hazards of the catalogue that the page of a system proposes, taken over, the first with a severity of one's own. */
export async function takeHazards(page: Page, system: string): Promise<string[]> {
  await page.goto('about:blank');
  await page.goto(system);
  await page.getByRole('tab', { name: 'Hazards' }).click();
  await page.getByRole('heading', { name: 'Proposed' }).waitFor();
  for (const i of [0, 1, 2]) await page.getByRole('checkbox').nth(i).check();
  await page.getByLabel('Severity of').first().selectOption('low');
  await page.getByRole('button', { name: 'Add 3' }).click();
  await page.getByText('HAZ-0003').waitFor();
  return ['HAZ-0001', 'HAZ-0002', 'HAZ-0003'];
}

/** What the grid of the matrix says of each level: is it above the appetite? */
export async function aboveTheAppetite(page: Page): Promise<Map<number, boolean>> {
  const said = await page
    .locator('[data-at]')
    .evaluateAll((cells) => cells.map((c) => c.getAttribute('aria-label') ?? ''));
  return new Map(said.map((t) => [Number(/level (\d+)/.exec(t)?.[1]), t.includes('above the appetite')]));
}

/** Runs the command line as somebody would, with a key. */
export async function aims(
  served: Served,
  org: string,
  key: string,
  args: string[],
): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'aims.mjs'), ...args], {
    env: { ...process.env, AIMS_URL: served.url, AIMS_ORG: org, AIMS_KEY: key, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: served.folder,
  });
  let out = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (c: Buffer) => (out += c));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out };
}
