// Takes the README's pictures from a running demo: node tools/pictures.mjs [address]. Needs the development packages.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sparticuz from '@sparticuz/chromium';
import { chromium } from 'playwright-core';

const base = process.argv[2] ?? 'http://127.0.0.1:42001';
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'pictures');
const browser = await chromium.launch({
  executablePath: await sparticuz.executablePath(),
  args: sparticuz.args,
  headless: true,
});
const context = await browser.newContext({ viewport: { width: 1240, height: 760 } });
await context.request.post(`${base}/api/v1/sign-in`, {
  data: { email: 'priya.nair@acme.example', password: 'openaims-demo' },
});
const page = await context.newPage();
const shots = { home: '#/o/demo', gate: '#/o/demo/release/REL-0001', ledger: '#/o/demo/ledger' };
for (const [name, path] of Object.entries(shots)) {
  await page.goto('about:blank');
  await page.goto(`${base}/${path}`);
  await page.waitForLoadState('networkidle');
  if (name === 'ledger') {
    await page.getByRole('button', { name: 'Verify in this browser' }).click();
    await page.waitForTimeout(1500);
  }
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
await browser.close();
