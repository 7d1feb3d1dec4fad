import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildVerifier } from '../../tools/build.mjs';
import { accessible as accessiblePage, launch } from '../support/browser.ts';
import { times } from '../support/depth.ts';
import { ROOT } from '../support/instance.ts';
import { type Files, samplePack, seal, WITNESS, zipOf } from '../verifiers/sample-pack.ts';
import * as tampers from '../verifiers/tampers.ts';

/** The page that verifies audit packs, as an auditor opens it: a file, in a real browser, without a network. */

const sample = samplePack({ size: 20 });
const faults: string[] = [];
const asked: string[] = [];
let browser: Browser;
let page: Page;

beforeAll(async () => {
  await buildVerifier(esbuild);
  browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (e) => faults.push(e.message));
  page.on('console', (m) => {
    if (m.type() === 'error') faults.push(m.text());
  });
  page.on('request', (r) => asked.push(r.url()));
  await page.goto(pathToFileURL(join(ROOT, 'dist/web-verifier/verify.html')).href);
});
afterAll(() => browser?.close());

const accessible = (where: string) => accessiblePage(page, where);

/** Chooses a pack and waits for the verdict on it, all inside the page: what is asked of a browser from outside takes longer than a verdict. */
async function chooseWithin(name: string, bytes: Buffer): Promise<string> {
  return page.evaluate(
    async ([name, base64]) => {
      const input = document.querySelector<HTMLInputElement>('#file')!;
      const verdict = document.querySelector<HTMLElement>('#verdict')!;
      const carried = new DataTransfer();
      carried.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      input.files = carried.files;
      const said = new Promise((done) => {
        const seen = new MutationObserver(() => {
          if (verdict.dataset.state === undefined || !verdict.textContent?.includes(name)) return;
          seen.disconnect();
          done(undefined);
        });
        seen.observe(verdict, { attributes: true, childList: true });
      });
      input.dispatchEvent(new Event('change', { bubbles: true }));
      await said;
      return [...verdict.querySelectorAll('h2, h3, p, strong, dt, dd')].map((e) => e.textContent).join('\n');
    },
    [name, bytes.toString('base64')] as const,
  );
}

/** Chooses a pack and waits for the verdict on it. */
async function choose(name: string, bytes: Buffer): Promise<string> {
  await page.locator('#file').setInputFiles({ name, mimeType: 'application/zip', buffer: bytes });
  await page.locator('#verdict[data-state]').filter({ hasText: name }).waitFor();
  return verdict();
}

/** Each sentence of the verdict on a line of its own. */
const verdict = async () =>
  (await page.locator('#verdict :is(h2, h3, p, strong, dt, dd)').allTextContents()).join('\n');

const keys = () => page.getByLabel('Trusted keys');

describe('the page that verifies a pack', () => {
  test('says plainly that a pack holds, and that its key came from the pack itself', async () => {
    await accessible('at first');
    const said = await choose('acme.zip', zipOf(sample.files));
    expect(said).toMatch(/This pack holds/);
    expect(said).toMatch(/The key came from the pack itself/);
    expect(said).toMatch(/ACME Ltd/);
    expect(said).toMatch(/witness\.example\.com\/w1 at 2026-.*by a key that the pack names/);
    expect(said).toMatch(/the first 4 entries at 2026-03-01T12:00:00Z.*not checked here/);
    await accessible('holds');
  });

  test('takes keys from elsewhere, with the keyboard alone', async () => {
    await keys().focus();
    await page.keyboard.insertText(`${sample.oldVkey}\n${WITNESS.vkey}`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('by the key you gave').waitFor();
    const said = await verdict();
    expect(said).toMatch(/This pack holds/);
    expect(said).not.toMatch(/came from the pack/);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('verdict');
  });

  test('refuses another key, and says at the field what is no key', async () => {
    const other = samplePack({ size: 20, former: false });
    await keys().fill('nonsense');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByRole('alert').filter({ hasText: 'This is not a key: nonsense' }).waitFor();
    await accessible('no key');
    await keys().fill(other.vkey);
    expect(await choose('other.zip', zipOf(sample.files))).toMatch(
      /This pack does not hold[\s\S]*key is of the log/,
    );
    await keys().fill(`${sample.oldVkey}\n${WITNESS.vkey}`);
  });

  test('takes a pack that is dropped on it', async () => {
    const data = zipOf(sample.files).toString('base64');
    await page.evaluate((base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const carried = new DataTransfer();
      carried.items.add(new File([bytes], 'dropped.zip'));
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }),
      );
    }, data);
    await page.locator('#verdict[data-state=holds]').filter({ hasText: 'dropped.zip' }).waitFor();
  });

  test('finds and locates changes of every kind', async () => {
    const all = [
      ...tampers.plainFlips(sample, 40),
      ...tampers.entryFlips(sample, 30),
      ...tampers.entryMoves(sample, 8),
      ...tampers.tileFlips(sample, 20),
      ...tampers.checkpointFlips(sample, 401),
      ...tampers.recordFlips(sample, 60),
      ...[...tampers.recordMoves(sample)].filter((_, i) => i % 15 === 0),
      ...tampers.attachedTampers(sample, 20),
    ];
    // The same checks meet many more of them outside the browser: `verifiers-pack.test.ts`. One of each kind, and some more of all.
    const cases = tampers.ofEveryKind(all, Math.floor(all.length / times(12)), false);
    expect(cases.length).toBeGreaterThan(25);
    const missed: string[] = [];
    for (const [i, c] of cases.entries()) {
      const files: Files = tampers.tampered(sample.files, c);
      if (c.Seal) seal(files);
      const said = await chooseWithin(`case-${i}.zip`, zipOf(files, i % 10 > 0));
      // On the page the place stands on a line of its own.
      if (!/This pack does not hold/.test(said) || !new RegExp(c.says, 'i').test(said.replaceAll('\n', ': ')))
        missed.push(`${c.what}: expected ${c.says}, got ${said.slice(0, 400)}`);
    }
    expect(missed).toEqual([]);
    await accessible('does not hold');
  }, 120_000);

  test('says of a file that is no pack what it is not', async () => {
    for (const [name, bytes] of [
      ['empty.zip', Buffer.alloc(0)],
      ['noise.zip', Buffer.alloc(3000, 0xfe)],
      ['cut.zip', zipOf(sample.files).subarray(0, 4000)],
    ] as const)
      expect(await choose(name, bytes)).toMatch(/does not hold[\s\S]*not an audit pack/);
  });

  test('never takes what stands in a pack for markup', async () => {
    const files = new Map(sample.files);
    const text = files.get('pack.json')!.toString();
    files.set('pack.json', Buffer.from(text.replace('ACME Ltd', '<img src=x onerror=alert(1)>')));
    expect(await choose('markup.zip', zipOf(files))).toContain('<img src=x');
    expect(await page.locator('#verdict img').count()).toBe(0);
  });

  test('opened no connection and raised no error', () => {
    expect(asked).toEqual([expect.stringMatching(/^file:.*verify\.html$/)]);
    expect(faults).toEqual([]);
  });
});
