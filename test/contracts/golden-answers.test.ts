import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { App } from '../../src/app/context.ts';
import { findOrganisation, type Organisation } from '../../src/app/people/organisations.ts';
import { createMember } from '../../src/app/people/people.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { loadDemo } from '../../src/demo/index.ts';
import type { Instance } from '../../src/instance.ts';
import type { Role } from '../../src/register/who.ts';
import { goldenLines } from '../support/golden-lines.ts';
import { PASSWORD, ROOT, testInstance } from '../support/instance.ts';
import { OLD_NOW, OLD_PASSWORD, oldInstance } from '../support/old-data.ts';
import {
  type Asker,
  NOT_RECORDED,
  type Question,
  recordAnswers,
  recordedOf,
} from '../support/recorded-answers.ts';

/**
 * What is computed over the demo and over the data of 0.1.0, as several people are answered, is what it was. Where an answer is meant to change:
 * `npx vitest run test/contracts/golden-answers.test.ts -u`, and the commit says why.
 */

/** The history has ended then, and nothing in it is too old yet. */
const AFTERWARDS = '2026-11-26T18:00:00.000Z';

/** Those of the demo, by what they are in it. */
const PEOPLE = {
  top: 'helen.okafor',
  designated: 'daniel.brandt',
  manager: 'maria.santos',
  owner: 'priya.nair',
  maker: 'tom.weber',
  auditor: 'elena.rossi',
};

/** What may differ between people is looked at in the demo; data of 0.1.0 are asked by those whose answers differ most. */
const FEWER: readonly string[] = ['designated', 'manager', 'owner'];
/** What the demo tells whole. */
const ALSO_SHORT =
  /^(dashboard|control\/statement|search)|\/(effects|hazards|lineage|acknowledgements|requirements)$/;

async function askersOf(
  instance: Instance,
  organisation: Organisation,
  which: (who: string) => boolean,
): Promise<Asker[]> {
  const { app, server } = instance;
  const asker = (who: string, headers: Record<string, string>): Asker => ({
    who,
    get: async (url) => {
      const r = await server.inject({ method: 'GET', url, headers });
      return { status: r.statusCode, text: r.body };
    },
  });
  let place = 0;
  const signedIn = async (email: string, password: string) => {
    place += 1;
    const { setCookie } = await app.identity.signIn({ email, password, ip: `127.0.0.${place}` });
    return { cookie: setCookie.map((c) => c.split(';')[0]).join('; ') };
  };
  const askers = await Promise.all(
    Object.entries(PEOPLE)
      .filter(([who]) => which(who))
      .map(async ([who, name]) => asker(who, await signedIn(`${name}@acme.example`, OLD_PASSWORD))),
  );
  if (which('reader')) {
    await member(app, organisation, 'Rita', 'reader');
    askers.push(asker('reader', await signedIn('rita@acme.example', PASSWORD)));
  }
  const made = await server.inject({
    method: 'POST',
    url: '/api/v1/demo/apiKey',
    headers: await signedIn('maria.santos@acme.example', OLD_PASSWORD),
    payload: { label: 'pipeline', role: 'ci', expires: '2027-01-31' },
  });
  askers.push(asker('ci', { authorization: `Bearer ${made.json().secret}` }), asker('nobody', {}));
  return askers;
}

async function member(app: App, organisation: Organisation, name: string, role: Role): Promise<void> {
  const email = `${name.toLowerCase()}@acme.example`;
  const { userId } = await app.identity.createAccount({ email, name, password: PASSWORD });
  await createMember(app, organisation, { name, email, roles: [role], userId });
}

/** The manager asks of every record; another one of each, in turns; histories of some. */
function choose({ path, refs, who }: Question): readonly string[] {
  if (who === 'nobody') return refs.slice(0, path.includes('/risk/') ? 1 : 0);
  const others = ['top', 'designated', 'owner', 'maker', 'auditor', 'reader', 'ci'];
  const turn = others.indexOf(who);
  if (/\/:ref\/(comments|since-approval|versions)$/.test(path))
    return who === 'manager' || who === 'owner' ? refs.filter((_, i) => i % 8 === 0) : [];
  if (turn < 0) return refs;
  if (/\/:ref\/\w+$/.test(path)) return refs.slice(0, 12).filter((_, i) => i % 3 === turn % 3);
  return refs.filter((_, i) => i % others.length === turn);
}

/** Lists of those who may not read every register, too; in another order once. */
function asks(path: string, who: string): boolean {
  if (/sort=/.test(path)) return who === 'manager';
  if (/\?limit=200&total=true$/.test(path)) return ['manager', 'owner', 'ci'].includes(who);
  return true;
}

/** Everything that works beside the requests has been done. */
async function answersOf(
  instance: Instance,
  which: (who: string) => boolean = () => true,
  alsoShort?: RegExp,
): Promise<string> {
  const { app, server } = instance;
  const organisation = await findOrganisation(app, 'demo');
  if (!organisation) throw new Error('the demo organisation is not there');
  const askers = await askersOf(instance, organisation, which);
  await app.sequencer.settle(organisation.id);
  await instance.standings.settle(organisation.id);
  await instance.uses.settle(organisation.id);
  await instance.quiet();
  return goldenLines(
    recordAnswers({ slug: 'demo', operations: server.operations, askers, choose, asks }),
    alsoShort,
  );
}

const golden = (name: string) => join(ROOT, 'test/golden', `answers-${name}.txt`);

test('the demo is answered as it was', { timeout: 300_000 }, async () => {
  const t = await testInstance({ clock: fixedClock(AFTERWARDS) });
  try {
    await loadDemo(t.app, join(ROOT, 'demo'), () => {});
    await expect(await answersOf(t)).toMatchFileSnapshot(golden('demo'));
    for (const { path } of NOT_RECORDED)
      expect(
        t.server.operations.some((o) => o.method === 'GET' && path.test(o.path)),
        String(path),
      ).toBe(true);
    expect(recordedOf(t.server.operations).length).toBeGreaterThan(150);
  } finally {
    await t.close();
  }
});

test('the data of 0.1.0 are answered as they were', { timeout: 300_000 }, async () => {
  const { instance, drop } = await oldInstance(fixedClock(OLD_NOW.toISOString()));
  try {
    await expect(await answersOf(instance, (who) => FEWER.includes(who), ALSO_SHORT)).toMatchFileSnapshot(
      golden('0.1.0'),
    );
  } finally {
    await drop();
  }
});
