import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Passes, type PassesOptions } from './passes.ts';

const none: Omit<PassesOptions, 'work'> = {
  organisations: async () => [],
  failed: () => {},
  look: 60_000,
  first: 60_000,
  rest: 1,
  share: 0,
};

async function until(there: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !there(); i++) await wait(5);
  expect(there()).toBe(true);
}

test('one pass at a time for each organisation, however often it is told; what was told meanwhile brings one more', async () => {
  let together = 0;
  let most = 0;
  const seen: number[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const passes = new Passes({
    ...none,
    // What was told before the look begins comes due while the look's own pass is under way.
    organisations: async () => [{ id: 1 }, { id: 2 }],
    first: 0,
    rest: 20,
    work: async (organisation) => {
      if (organisation === 1) most = Math.max(most, ++together);
      seen.push(organisation);
      await gate;
      if (organisation === 1) together--;
    },
  });
  passes.wanted(1);
  passes.start();
  await until(() => seen.length > 0);
  for (let i = 0; i < 20; i++) passes.wanted(1);
  await wait(40);
  open();
  await until(() => seen.filter((o) => o === 1).length >= 2 && seen.includes(2));
  await passes.idle(1);
  await passes.stop();
  expect(most).toBe(1);
  expect(seen.filter((o) => o === 1).length).toBeLessThan(5);
});

test('a pass that fails is told, and the next one is made all the same', async () => {
  const told: unknown[] = [];
  let made = 0;
  const passes = new Passes({
    ...none,
    failed: (error) => told.push(error),
    work: async () => {
      made++;
      throw new Error(`pass ${made}`);
    },
  });
  passes.wanted(1);
  await until(() => told.length === 1);
  passes.wanted(1);
  await until(() => told.length === 2);
  await passes.stop();
  expect(made).toBe(2);
});

test('stopping cuts a pause short, waits for the pass, and begins none', async () => {
  let ended: boolean | undefined;
  let begun = 0;
  const passes = new Passes({
    ...none,
    work: async (_, pass) => {
      begun++;
      await pass.pause(60_000);
      ended = pass.ended();
    },
  });
  passes.wanted(1);
  await until(() => begun === 1);
  passes.wanted(1);
  await passes.stop();
  expect(ended).toBe(true);
  passes.wanted(1);
  passes.wanted(2);
  await wait(20);
  expect(begun).toBe(1);
});
