import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPage } from '../../src/app/read/query.ts';
import { allWork } from '../../src/app/work/my-work.ts';
import { restingStates } from '../../src/register/decisions.ts';
import { asList, type Register } from '../../src/register/register.ts';
import { admittedAs } from '../../src/register/who.ts';
import { registry } from '../../src/registers/index.ts';
import { agrees } from '../../src/store/authority/work.ts';
import { type TestInstance, testInstance } from '../support/instance.ts';
import {
  APPETITE,
  arranged,
  EVERYBODY,
  lends,
  refOf,
  stepsFrom,
  variants,
  type World,
  within,
  withSystem,
  world,
} from '../support/worlds.ts';

/**
 * My work sends somebody to a step exactly where the page of the record offers it, and to all decisions that wait for them: over every register and state, whoever
 * they are, and for whomever they may decide. That pages offer what is accepted is another test (`offers`).
 */

let t: TestInstance;
beforeAll(async () => {
  t = await testInstance();
});
afterAll(() => t.close());

const deciding = registry.all.filter(
  (r) => r.name !== 'responsibility' && Object.values(r.transitions).some(agrees),
);

interface Met {
  sent: number;
  lent: number;
  waiting: number;
  refused: Set<string>;
  wrong: string[];
}

/** Records of a register in each state from which something is decided. */
async function arrangedIn(w: World, r: Register, author: string): Promise<string[]> {
  const refs: string[] = [];
  for (const state of r.states) {
    if (!stepsFrom(r, state).some((s) => agrees(r.transitions[s]!))) continue;
    for (const more of await variants(w, r, state)) refs.push(await arranged(w, r, state, more, author));
  }
  return refs;
}

async function compare(w: World, r: Register, refs: readonly string[], met: Met): Promise<void> {
  for (const [who, actor] of Object.entries(w.people)) {
    const [app, ask] = within(w, actor);
    const { items, cut } = await allWork(app, ask);
    expect(cut).toEqual([]);
    const here = items.filter((i) => refs.includes(i.ref));
    for (const ref of refs) {
      const mine = here.filter((i) => i.ref === ref);
      if (mine.length === 0 && !mayDecide(w, r, who)) continue;
      if (admittedAs(actor, r.permissions.read) === undefined) continue;
      const page = await readPage(app, ask, r, ref);
      const offers = page.may.transitions.filter((o) => o.allowed && open(r, o) && o.name);
      for (const i of mine) {
        if (i.next.message === 'work.next.refused') met.refused.add(`${r.name} ${page.state}`);
        const step = i.next.transition;
        if (step === undefined) continue;
        met.sent += 1;
        if (i.for) met.lent += 1;
        const offer = offers.find((o) => o.name === step);
        if (!offer || offer.onBehalfOf !== i.for?.ref)
          met.wrong.push(
            `${who} is sent to ${step} ${ref} (${page.state}) for ${i.for?.ref}: ${JSON.stringify(page.may.transitions.find((o) => o.name === step))}`,
          );
      }
      if (restingStates(r).has(page.state)) continue;
      for (const o of offers.filter((x) => agrees(r.transitions[x.name]!))) {
        met.waiting += 1;
        // Nobody needs to accept what is within the appetite.
        if (o.name === 'accept' && Number(page.derived.residualLevel ?? page.derived.level) <= APPETITE)
          continue;
        if (!mine.some((i) => i.next.transition === o.name))
          met.wrong.push(`${who} may ${o.name} ${ref} (${page.state}), for ${o.onBehalfOf}, and is not told`);
      }
    }
  }
}

const open = (r: Register, o: { name: string; missing: readonly string[] }): boolean =>
  o.missing.every((n) => r.transitions[o.name]!.finds?.includes(n));

/** Whether anything of the register may be theirs: roles alone are cheap to look at. */
const mayDecide = (w: World, r: Register, who: string): boolean =>
  ['delegate', 'guest', 'named', 'systemApprover', 'owner'].includes(who) ||
  Object.values(r.transitions).some((x) => agrees(x) && admittedAs(w.people[who]!, asList(x.by)));

const nothing = (): Met => ({ sent: 0, lent: 0, waiting: 0, refused: new Set(), wrong: [] });

test('a small organisation, where somebody decides for somebody who is away', async () => {
  const w = await world(t, 'small', EVERYBODY);
  await withSystem(w, 'limited');
  await lends(w, 'systemApprover', 'delegate');
  const met = nothing();
  for (const r of deciding) await compare(w, r, await arrangedIn(w, r, refOf(w, 'contributor')), met);
  expect(met.wrong).toEqual([]);
  // What only other records tell is asked of the rule itself, and sends nobody to a step.
  expect([...met.refused].sort()).toEqual([
    'control applicable',
    'criteria draft',
    'criteria submitted',
    'verificationPlan draft',
  ]);
  expect(met.lent).toBeGreaterThan(5);
  expect(met.waiting).toBeGreaterThan(50);
  // Lent until today is over today.
  const [app, ask] = within(w, w.people.owner!);
  const forNamed = async () =>
    (await allWork(app, ask)).items.filter((i) => i.for?.ref === refOf(w, 'named'));
  await lends(w, 'named', 'owner', 0);
  expect(await forNamed()).toEqual([]);
  await lends(w, 'named', 'owner', 1);
  const told = await forNamed();
  expect(told.length).toBeGreaterThan(0);
  expect(told[0]!.why).toContain(`Waiting for named (${refOf(w, 'named')}) since`);
});

test('an organisation of one person, whose guest decides', async () => {
  const w = await world(t, 'alone', {
    only: ['topManagement', 'aimsManager', 'contributor', 'auditor'],
    guest: ['reader'],
  });
  await withSystem(w, 'limited');
  const met = nothing();
  for (const r of deciding) await compare(w, r, await arrangedIn(w, r, refOf(w, 'only')), met);
  expect(met.wrong).toEqual([]);
  expect(met.waiting).toBeGreaterThan(10);
});
