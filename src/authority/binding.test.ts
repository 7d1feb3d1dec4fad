import { expect, test } from 'vitest';
import { registry } from '../registers/index.ts';
import { bindingOf } from './binding.ts';

test('what decisions are bound to is reckoned when it is asked for, and once', () => {
  let read = 0;
  const contents = {
    get values() {
      read += 1;
      return { title: 'R' };
    },
    links: {},
  };
  for (const register of registry.all) {
    read = 0;
    const binding = bindingOf(register, 'XXX-0001', contents, []);
    expect(read).toBe(0);
    const { digest } = binding;
    expect(binding.own).toBe(digest);
    expect(binding.under(binding.rule).digest).toBe(digest);
    expect(binding.content.digest).toBe(digest);
    expect(binding.covered).toEqual([]);
    expect(read, register.name).toBe(1);
  }
  expect(registry.all.length).toBeGreaterThan(30);
});
