import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessible as accessibleTo, launch } from '../support/browser.ts';
import { DEPTH } from '../support/depth.ts';
import { ROOT } from '../support/instance.ts';
import {
  type Api,
  aboveTheAppetite,
  accept,
  aims,
  apiOf,
  firstRun,
  importSystems,
  press,
  takeHazards,
  takePreset,
} from '../support/newcomer.ts';
import { type Served, serve } from '../support/served.ts';

/** The first hour of a firm of one, of three and of two thousand: every step of it, in a real browser and with the command line. */

let browser: Browser;
const faults: string[] = [];

beforeAll(async () => {
  browser = await launch();
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

/** What differs between firms of different sizes: who there is, who decides, and how much is asked. */
interface Firm {
  name: string;
  size: number;
  preset: RegExp;
  riskClass: string;
  /** Who approves releases of the system, and who oversees it. */
  approver: string;
  oversight: string;
  /** People beside the first one; their pages, for those who decide. */
  people: (api: Api, page: Page) => Promise<Page[]>;
  decide: (page: Page, deciders: Page[], criteria: string) => Promise<void>;
  /** What the page of the system says of a class, and does not ask of it. */
  says: RegExp;
  /** First steps taken at the end: what only waits is not taken. */
  taken: number;
  matrix: RegExp;
}

/** One person after the other decides on the criteria by their page. */
async function approveAll(deciders: Page[], criteria: string): Promise<void> {
  for (const [i, page] of deciders.entries()) {
    await page.goto(criteria);
    if (deciders.length > 1) await page.getByText(`${i} of ${deciders.length} decided`).waitFor();
    await press(page, 'Approve');
    if (i < deciders.length - 1)
      await page
        .getByText(`${i + 1} of ${deciders.length} decided`)
        .first()
        .waitFor();
    else await page.getByText('Approved', { exact: true }).first().waitFor();
  }
}

const FIRMS: Firm[] = [
  {
    name: 'Solo',
    size: 1,
    preset: /criteria for one person/,
    riskClass: 'limited',
    approver: 'PSN-0001',
    oversight: 'PSN-0001',
    people: async () => [],
    decide: async (page, _none, criteria) => {
      await page.getByText(/you can decide it alone from/).waitFor();
      await page.goto(criteria);
      await page.getByText(/As the only person here, you can decide it alone from/).waitFor();
    },
    says: /One person may be owner, approver and oversight/,
    taken: 8,
    matrix: /No criteria are in force, so nothing says which level is acceptable/,
  },
  {
    name: 'Trio',
    size: 3,
    preset: /criteria for a small organisation/,
    riskClass: 'limited',
    approver: 'PSN-0002',
    oversight: 'PSN-0002',
    people: async (api) => {
      const { ref } = await api('post', 'person', {
        name: 'Bea Two',
        email: 'bea@firm.example',
        roles: ['designatedManagement'],
      });
      const bea = await open();
      await accept(api, ref, bea, 'Trio');
      return [bea];
    },
    decide: async (page, deciders, criteria) => {
      await page.getByText('Asked: Bea Two.').waitFor();
      await approveAll(deciders, criteria);
    },
    says: /One person may be owner, approver and oversight/,
    taken: 9,
    matrix: /1 risk above it is neither treated nor accepted/,
  },
  {
    name: 'Giant',
    size: 2000,
    preset: /criteria for a larger organisation/,
    riskClass: 'high',
    approver: 'PSN-0002',
    oversight: 'PSN-0003',
    people: async (api, page) => {
      const rows = Array.from({ length: 1999 }, (_, i) => `Person ${i + 2},p${i + 2}@firm.example`);
      await api('post', 'person/import?format=csv', `name,email\n${rows.join('\n')}\n`);
      await page.reload();
      await page.getByText(/2,?000 people: a larger organisation/).waitFor();
      const heads: Page[] = [];
      for (const ref of ['PSN-0002', 'PSN-0003']) {
        await api('patch', `person/${ref}`, { roles: ['designatedManagement'] });
        const head = await open();
        await accept(api, ref, head, 'Giant');
        heads.push(head);
      }
      return heads;
    },
    decide: async (page, deciders, criteria) => {
      await page.getByText('Asked: Person 2 or Person 3.').waitFor();
      await approveAll(deciders, criteria);
    },
    says: /people other than the author approve each release/,
    taken: 9,
    matrix: /1 risk above it is neither treated nor accepted/,
  },
];

const SYSTEMS = `name,purpose,owner
Support bot,Answers customers,PSN-0001
Forecasting,Orders stock,PSN-0001
`;

/** Three of the hazards that are proposed, without the page, the first with a severity of one's own. */
async function hazardsByApi(api: Api): Promise<string[]> {
  const { proposals } = await api('get', 'aiSystem/SYS-0001/hazards');
  const [one, ...others]: { code: string; severity: string }[] = proposals.slice(0, 3);
  const hazards = [{ ...one, severity: 'low' }, ...others].map(({ code, severity }) => ({ code, severity }));
  await api('post', 'aiSystem/SYS-0001/hazards', { hazards });
  return ['HAZ-0001', 'HAZ-0002', 'HAZ-0003'];
}

/** Neither that of a preset nor between two levels: there are risks that lie exactly at it. */
const APPETITE = 9;

describe.each(FIRMS)('a firm of $size', (firm) => {
  const org = firm.name.toLowerCase();
  let served: Served;
  let page: Page;
  let api: Api;
  let key: string;
  const at = (path = '') => `${served.url}/#/o/${org}${path}`;
  const cli = (...args: string[]) => aims(served, org, key, args);
  /** What is the same for all three but for its words is done by page and command line once, and for the others by what these ask. */
  const closely = DEPTH > 1 || firm.name === 'Trio';
  const accessible = async (on: Page, where: string) => {
    if (closely) await accessibleTo(on, where);
  };

  /** First steps that count as taken, in the order in which they were. */
  const order: string[] = [];
  /** A step counts once it is taken, not before, and none that was taken is lost. */
  const taken = async (...more: string[]) => {
    order.push(...more);
    const { steps } = await api('get', 'first-hour');
    const done = steps.filter((s: { done: boolean }) => s.done).map((s: { id: string }) => s.id);
    expect(done.sort()).toEqual([...order].sort());
  };

  beforeAll(async () => {
    served = await serve();
    page = await open();
    api = apiOf(page.request, served, org);
  });
  afterAll(async () => {
    await page?.context().close();
    await served?.stop();
    served?.forget();
  });

  test('begins with nothing green, and takes criteria that fit its size', async () => {
    await firstRun(page, served, firm.name, firm.size);
    await accessible(page, 'home');
    const deciders = await firm.people(api, page);
    await takePreset(page, firm.preset, APPETITE);
    await accessible(page, 'presets');
    await taken('preset');
    await firm.decide(page, deciders, at('/criteria/CRI-0001'));
    await taken(...(deciders.length > 0 ? ['approve'] : []));
    for (const d of deciders) await d.context().close();
  });

  test('brings its AI systems, confirms one with its class, and is told what that asks and what not', async () => {
    if (closely) await importSystems(page, at('/aiSystem'));
    else await api('post', 'aiSystem/import?format=csv', SYSTEMS);
    expect((await api('get', 'aiSystem/SYS-0002')).values.purpose).toBe('Orders stock');
    await taken('system');
    await api('patch', 'aiSystem/SYS-0001', {
      isoRoles: ['provider'],
      riskClass: firm.riskClass,
      inScope: 'in',
      approver: firm.approver,
    });
    await page.goto(at());
    // The step leads to the record that it is about.
    await page
      .getByRole('link', { name: 'Confirm a system with its risk class' })
      .and(page.locator('[href$="/aiSystem/SYS-0001"]'))
      .click();
    await press(page, 'Add to scope');
    await page
      .getByText(/SYS-0001 \(.*\) is in scope\./)
      .first()
      .waitFor();
    await page.getByText(firm.says).first().waitFor();
    await accessible(page, 'what it needs');
    await page.goto(at('/raci'));
    await page.getByText(/\d+ gaps, 0 conflicts/).waitFor();
    // An approver alone does not make it.
    await taken('class');
    await api('patch', 'aiSystem/SYS-0001', { oversight: firm.oversight });
    await taken('people');
  });

  test('rates three hazards that are proposed, and sees them on the matrix', async () => {
    const hazards = closely ? await takeHazards(page, at('/aiSystem/SYS-0001')) : await hazardsByApi(api);
    expect((await api('get', 'hazard/HAZ-0001')).values.severity).toBe('low');
    await taken();
    for (const ref of hazards) await api('post', `hazard/${ref}/confirm`, {});
    await taken('hazards');
    for (const i of hazards.keys())
      await api('post', 'risk', { title: `Risk ${i + 1}`, owner: 'PSN-0001', systems: ['SYS-0001'] });
    await taken();
    for (const [i, hazard] of hazards.entries()) {
      await api('patch', `risk/RSK-000${i + 1}`, {
        scenario: 'Somebody asks it the wrong way.',
        hazards: [hazard],
        likelihood: 1 + i * 2,
        impactOrganisation: 1,
        impactIndividuals: i === 2 ? 4 : 1,
        impactSociety: 1,
      });
    }
    await page.goto(at('/risk-matrix'));
    await page.getByText(/3 open risks/).waitFor();
    await page.getByText(firm.matrix).waitFor();
    const appetite = firm.size === 1 ? Number.POSITIVE_INFINITY : APPETITE;
    const levels = await aboveTheAppetite(page);
    expect(levels.has(APPETITE) && levels.size).toBe(14);
    for (const [level, above] of levels) expect(above, `level ${level}`).toBe(level > appetite);
    await taken('risks');
  });

  test('hands in a test result, asks the gate, mends one reason, and verifies the pack offline', async () => {
    await api('post', 'release', { title: '2.3.1', releaseVersion: '2.3.1', system: ['SYS-0001'] });
    const expires = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    key = (await api('post', 'apiKey', { label: 'Pipeline', role: 'ci', expires })).secret;
    const file = join(ROOT, 'demo', 'evidence', 'redteam-2.3.1.json');
    if (!closely) {
      const added = await cli('evidence', 'add', file, '--release', 'REL-0001');
      expect(added.code, added.out).toBe(0);
      await taken('evidence');
      const refused = await cli('gate', 'REL-0001');
      expect(refused.code, refused.out).toBe(1);
      await taken('gate');
      return;
    }
    const added = await cli('evidence', 'add', file, '--release', 'REL-0001');
    expect(added.code, added.out).toBe(0);
    expect(added.out).toContain('44 cases: 33 pass, 11 fail');
    expect(added.out).toContain('Not tested at all: hijacking');
    expect(added.out).toContain('Trust: ci');
    await taken('evidence');
    const nameless = 'REL-0001 (2.3.1) names no components';
    const refused = await cli('gate', 'REL-0001');
    expect(refused.code, refused.out).toBe(1);
    expect(refused.out).toContain(nameless);
    await taken('gate');
    // Each reason says what to do, and who.
    expect(refused.out).toContain('next: Name the components of REL-0001');
    expect(refused.out).toContain('next: Assess the risks of SYS-0001 (Ada Lovelace)');
    const asked = await cli('ai-system', 'requirements', 'SYS-0001');
    expect(asked.code, asked.out).toBe(0);
    // The gate's words, with who does what, and what waits for a release.
    expect(asked.out).toMatch(
      /^missing: Risk assessment\..* Next: Assess the risks of SYS-0001 \(Ada Lovelace\)\./m,
    );
    expect(asked.out).toMatch(/^each release: Change ticket\./m);
    expect(asked.out).toMatch(/^done: (?:Owner|Criteria)\./m);
    const model = await api('post', 'component', {
      name: 'Model',
      kind: 'model',
      componentVersion: '1',
      digest: `sha256:${'a'.repeat(64)}`,
      systems: ['SYS-0001'],
    });
    await api('patch', 'release/REL-0001', { components: [model.ref] });
    const again = await cli('gate', 'REL-0001');
    expect(again.code, again.out).toBe(1);
    expect(again.out).not.toContain(nameless);
    const pack = join(served.folder, 'pack.zip');
    const reply = await page.request.get(`${served.url}/api/v1/${org}/audit-pack`);
    writeFileSync(pack, await reply.body());
    const vkey = (await (await page.request.get(`${served.url}/log/${org}/vkey`)).text()).trim();
    const verified = await cli('verify', pack, '--vkey', vkey);
    expect(verified.code, verified.out).toBe(0);
  });

  test('sees the first hour done, and the five steps after it', async () => {
    await page.goto('about:blank');
    await page.goto(at());
    const next = page.getByRole('region', { name: 'Next steps' });
    await next.waitFor();
    expect(await next.getByRole('listitem').count()).toBe(5);
    await next.getByText('Clear what stops 2.3.1').waitFor();
    const first = page.getByText(`${firm.taken} of 9 first steps taken`);
    if (firm.taken < 9) {
      await first.waitFor();
      await page.getByText('Asked for, and waits.').waitFor();
    } else expect(await first.count()).toBe(0);
    expect(await page.locator('.tone-ok').count()).toBe(0);
    await accessible(page, 'home after the first hour');
  });
});

test('no page raised an error and no request ended in a 5xx', () => {
  expect(faults).toEqual([]);
});
