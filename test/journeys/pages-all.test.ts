import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registry } from '../../src/registers/index.ts';
import { PAGES } from '../../src/web/pages/index.ts';
import { barriers, launch } from '../support/browser.ts';
import { DEPTH } from '../support/depth.ts';
import { representing } from '../support/representatives.ts';
import { type Served, serve } from '../support/served.ts';

/**
 * Every page of the demo organisation, narrow and dark, wide and light: it raises no error, asks for nothing that fails,
 * stays within the window, has one heading of the first order and nothing that keeps people out.
 */

/** Pages that no register has. Those of `PAGES` come from there. */
const OTHERS = [
  '',
  '/my-work',
  '/ledger',
  '/changes',
  '/changes?from=100&to=200',
  '/raci',
  '/awareness',
  '/templates',
  '/raise',
  '/presets',
  '/aiSystem?asOf=200',
];
/** Pages for people without an account. */
const DOORS = [
  '/concerns?org=demo',
  '/acknowledge?org=demo&token=none',
  '/invitation?token=none',
  '/sign-in',
];

const SHAPES = [
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 1280, height: 900, colorScheme: 'light' },
] as const;

let served: Served;
let browser: Browser;
beforeAll(async () => {
  served = await serve({ demo: true });
  browser = await launch();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await served?.stop();
  served?.forget();
});

interface Walker {
  context: BrowserContext;
  page: Page;
  faults: string[];
  /** Requests on their way. */
  open: Set<unknown>;
}

/** A page that notes what fails on it. Whoever is not signed in may be told so. */
async function walker(signedIn: boolean): Promise<Walker> {
  const context = await browser.newContext();
  if (signedIn)
    await context.request.post(`${served.url}/api/v1/sign-in`, {
      data: { email: 'maria.santos@acme.example', password: 'openaims-demo' },
    });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  const open = new Set<unknown>();
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('console', (m) => {
    if (m.type() === 'error' && (signedIn || !m.text().includes('Failed to load resource')))
      faults.push(m.text());
  });
  page.on('response', (r) => {
    if (r.status() >= (signedIn ? 400 : 500)) faults.push(`${r.status()} ${r.url()}`);
  });
  page.on('request', (r) => open.add(r));
  page.on('requestfinished', (r) => open.delete(r));
  page.on('requestfailed', (r) => {
    open.delete(r);
    // Leaving a page ends what it still asks for.
    if (r.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`${r.failure()?.errorText} ${r.url()}`);
  });
  await page.goto(served.url);
  return { context, page, faults, open };
}

/** Until nothing is on its way and nothing says that it loads, for two looks on end. */
async function settled({ page, open }: Walker): Promise<void> {
  const end = Date.now() + 15_000;
  for (let quiet = 0; quiet < 2; ) {
    if (Date.now() > end) throw new Error(`${page.url()} does not come to rest`);
    const busy = await page.evaluate(
      () =>
        !document.querySelector('h1') ||
        [...document.querySelectorAll('[role=status]')].some((e) => e.textContent?.startsWith('Loading')),
    );
    quiet = busy || open.size > 0 ? 0 : quiet + 1;
    await page.waitForTimeout(20);
  }
}

/** Findings of axe that keep people out. What stands around every page is looked at only where `frame` says so. */
async function serious(page: Page, frame: boolean, colours: boolean): Promise<string[]> {
  // A head of the page's own is not around it.
  const around = ['nav:not(main nav)', 'header:not(main header)'];
  const found = await barriers(page, { exclude: frame ? [] : around, colours });
  return found.filter((b) => b.impact === 'serious' || b.impact === 'critical').map((b) => b.text);
}

/** How many pages were looked at, and how often axe did. */
let seen = 0;
let inspected = 0;

/** What is wrong with the page at the address, in words; nothing when all is well. */
async function wrongWith(w: Walker, path: string, frame: boolean): Promise<string[]> {
  const { page, faults } = w;
  faults.length = 0;
  const found: string[] = [];
  seen += 1;
  // Its own: the other walker counts on while this one waits.
  const turn = seen;
  const close = closenessOf(path);
  for (const [i, { width, height, colorScheme }] of SHAPES.entries()) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    if (i === 0)
      await page.evaluate((hash) => {
        window.location.hash = hash;
      }, path);
    await settled(w);
    const { over, headings } = await page.evaluate(() => ({
      // What stands in the middle of the window scrolls by itself: it is as wide as its frame, not the window.
      over: Math.max(
        ...[document.documentElement, ...document.querySelectorAll('main')].map(
          (e) => e.scrollWidth - e.clientWidth,
        ),
      ),
      headings: document.querySelectorAll('h1').length,
    }));
    // All rules in one of the shapes, the narrow one for every second page, and colours in the other; with greater depth all in both. Of a
    // register that another stands for, less.
    const other = DEPTH === 1 && !frame && (turn + i) % 2 === 1;
    const looks = frame || close === 'both shapes' || (close === 'one shape' && !other);
    const violations = looks ? await serious(page, frame, other) : [];
    if (looks) inspected += 1;
    found.push(
      ...[
        ...(over > 0 ? [`${over} px wider than the window`] : []),
        ...(headings === 1 ? [] : [`${headings} headings of the first order`]),
        ...violations,
      ].map((text) => `${path} ${width} px ${colorScheme}: ${text}`),
    );
  }
  return [...found, ...faults.map((f) => `${path}: ${f}`)];
}

/** How closely axe looks at an address: a list that another stands for is drawn by the same lines, a record also by those of its register. */
const closely = representing(registry.all, 'values', 3);
function closenessOf(path: string): 'both shapes' | 'one shape' | 'no shape' {
  const [register, ref] = path.replace('/o/demo/', '').split(/[/?]/) as [string, string | undefined];
  if (closely.has(register) || !registry.all.some((r) => r.name === register)) return 'both shapes';
  return ref === undefined ? 'no shape' : 'one shape';
}

/** Lists and the newest record of every register, and the tabs that a first look does not show. */
async function addresses(context: BrowserContext): Promise<string[]> {
  const get = async (path: string) => (await context.request.get(`${served.url}/api/v1/demo/${path}`)).json();
  const meta: { registers: { name: string }[] } = await get('meta');
  const records = await Promise.all(
    meta.registers.map(async ({ name }) => {
      const { items }: { items: { ref: string }[] } = await get(`${name}?limit=1`);
      return items.map((r) => `/${name}/${r.ref}`);
    }),
  );
  return [
    ...OTHERS,
    ...PAGES.map((p) => p.to.replace('/o/$org', '')),
    ...meta.registers.map((r) => `/${r.name}`),
    ...records.flat(),
    '/release/REL-0001',
    '/document/DOC-0001',
    '/aiSystem/SYS-0001?tab=record',
    '/aiSystem/SYS-0001?tab=lineage',
    '/risk/RSK-0001?tab=history',
    '/risk/RSK-0001?tab=proof',
  ].map((path) => `/o/demo${path}`);
}

test('every page of the organisation holds', async () => {
  const walkers = await Promise.all([walker(true), walker(true)]);
  const all = await addresses(walkers[0]!.context);
  expect(all.length).toBeGreaterThan(85);
  const left = [...all];
  const wrong = await Promise.all(
    walkers.map(async (w) => {
      const found: string[] = [];
      for (let path = left.shift(); path !== undefined; path = left.shift())
        found.push(...(await wrongWith(w, path, path === all[0])));
      return found;
    }),
  );
  expect(wrong.flat()).toEqual([]);
  expect(inspected).toBeGreaterThan(all.length * 0.7);
  for (const { context } of walkers) await context.close();
}, 300_000);

test('so does every page for people without an account', async () => {
  const w = await walker(false);
  const wrong: string[] = [];
  for (const path of DOORS) wrong.push(...(await wrongWith(w, path, true)));
  expect(wrong).toEqual([]);
  await w.context.close();
}, 120_000);

test('a single row of a long list whose text is too faint is found, and so is a theme that is', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const row = (n: number) => `<tr><td style="color: ${n === 150 ? '#999' : '#333'}">Row ${n}</td></tr>`;
  const rows = Array.from({ length: 300 }, (_, i) => row(i));
  await page.setContent(
    `<html lang="en"><title>x</title><style>@media (prefers-color-scheme: dark) { h1 { color: #eee } }</style>
      <main><h1>Rows</h1><table>${rows.join('')}</table></main></html>`,
  );
  const texts = async (colours: boolean) => (await barriers(page, { colours })).map((b) => b.text);
  expect(await texts(false)).toEqual(['color-contrast tr:nth-child(151) > td']);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await texts(true)).toEqual(['color-contrast h1']);
  await context.close();
});
