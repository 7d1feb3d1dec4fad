import { expect, test } from 'vitest';
import { actsOn } from '../pages/ledger/acts.ts';
import { chosenOf } from './chosen.ts';

test('what is none of the choices is taken for none of them', () => {
  expect(chosenOf(['day', 'hour'], 'hour')).toBe('hour');
  for (const wrong of ['', 'Day', 'week', undefined])
    expect(() => chosenOf(['day', 'hour'], wrong)).toThrow('Expected one of day, hour');
});

test('an act on the log assumes no choice that was not made', async () => {
  const log = { public: false } as Parameters<typeof actsOn>[0];
  const choosing = actsOn(log).filter((act) => act.asks.some((a) => a.kind === 'choice'));
  expect(choosing).toHaveLength(2);
  for (const act of choosing) {
    const told = Object.fromEntries(act.asks.map((a) => [a.name, a.kind === 'choice' ? 'nonsense' : 'x']));
    await expect(act.carryOut('/nowhere', told)).rejects.toThrow('Expected one of');
  }
});
