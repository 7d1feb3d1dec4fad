import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from './instance.ts';

let server: ChildProcess;
let browser: Browser;
let page: Page;
let output = '';
let base = '';
const folder = mkdtempSync(join(tmpdir(), 'aims-journey-'));
// As root the database runs as another account, which must be able to pass through.
chmodSync(folder, 0o711);
const faults: string[] = [];

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address() as { port: number };
      s.close(() => resolve(port));
    });
  });
}

beforeAll(async () => {
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  server = spawn(
    process.execPath,
    ['dist/server/main.mjs', 'start', '--data', join(folder, 'data'), '--port', String(port)],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  server.stdout?.on('data', (d) => {
    output += d;
  });
  server.stderr?.on('data', (d) => {
    output += d;
  });
  for (let i = 0; i < 300 && !output.includes('Stop with Ctrl-C'); i++)
    await new Promise((r) => setTimeout(r, 100));
  if (!output.includes('Stop with Ctrl-C')) throw new Error(`the server did not start: ${output}`);
  browser = await chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: sparticuz.args,
    headless: true,
  });
  page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('response', (r) => {
    if (r.status() >= 500) faults.push(`${r.status()} ${r.url()}`);
  });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  if (server && server.exitCode === null) {
    const ended = new Promise((r) => server.once('exit', r));
    server.kill('SIGINT');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Accessibility of the page as it stands, in both themes; every finding is named. */
async function accessible(where: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${where} ${scheme}: ${v.id} ${v.nodes[0]?.target.join(' ')}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

test('the first-run link makes the organisation and signs in', async () => {
  const link = /http:\S+first-run\?token=\S+/.exec(output)?.[0];
  expect(link).toBeDefined();
  await page.goto(link!);
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('Email').fill('ada@acme.example');
  await page.getByLabel('Password', { exact: false }).first().fill('a long enough password');
  await page.getByLabel(/Organisation/).fill('ACME Ltd');
  await accessible('first run');
  await page.getByRole('button', { name: 'Create the organisation' }).click();
  await page.getByRole('heading', { name: 'ACME Ltd' }).waitFor();
  await accessible('home');
});

test('a record is made with the keyboard, edited, and its history shows the difference', async () => {
  await page.goto(`${base}/#/o/acme-ltd/aiSystem`);
  await page.getByRole('heading', { name: 'AI systems' }).waitFor();
  await page.keyboard.press('n');
  await page.getByRole('dialog').waitFor();
  await page.getByRole('dialog').getByLabel(/^Name/).fill('Support assistant');
  await page
    .getByRole('dialog')
    .getByLabel(/^Purpose/)
    .fill('Answers customers');
  await accessible('new record');
});

test('no page raised an error and no request ended in a 5xx', () => {
  expect(faults).toEqual([]);
});
