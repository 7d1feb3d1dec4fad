import { expect, it } from 'vitest';
import { ownStep } from '../../authority/own-right.ts';
import type { Register, Transition } from '../../register/register.ts';
import { deedSaid } from '../../register/said.ts';
import type { Actor } from '../../register/who.ts';
import { registry } from '../../registers/index.ts';
import { demandRequired } from './step-demands.ts';

const steps = registry.all.flatMap((register) =>
  Object.entries(register.transitions).map(([name, t]): [Register, string, Transition] => [
    register,
    name,
    t,
  ]),
);
const said = (deed: () => unknown): string => {
  try {
    deed();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
};

it('puts a step of several words in quotation marks, so that what it is done to stands apart', () => {
  const several = steps.filter(([, , t]) => /\s/.test(t.label ?? ''));
  expect(several.length).toBeGreaterThan(15);
  for (const [, name, t] of several)
    expect(deedSaid(name, t, 'ACT-0003').text).toBe(`take the step "${t.label}" on ACT-0003`);
});

it('says of every step in another state what it would have to be in, with a comma where one pauses', () => {
  const engine: Actor = {
    kind: 'engine',
    organisation: 1,
    organisationSlug: 'demo',
    ref: 'engine',
    name: 'engine',
    roles: [],
  };
  const told = steps.map(([register, name, t]) => {
    const record = {
      ref: `${register.prefix}-0001`,
      register: register.name,
      state: 'elsewhere',
      version: 1,
      authors: [],
      values: {},
      links: {},
      relations: { paths: {} },
    };
    const answer = ownStep(engine, register, record as never, name, { ...t, by: 'engine' });
    return 'said' in answer ? answer.said.text : '';
  });
  expect(told.length).toBeGreaterThan(80);
  for (const why of told) expect(why).toMatch(/ is elsewhere; to .+ it, it must be /);
});

it('puts labels in quotation marks where they stand in a row: some hold commas', () => {
  const needing = steps.filter(([, , t]) => (t.requires?.length ?? 0) > 1);
  expect(needing.length).toBeGreaterThan(20);
  for (const [register, name, t] of needing) {
    const message = said(() =>
      demandRequired(register, name, t, 'XXX-0001', { values: {}, links: {} }, t.requires!),
    );
    for (const n of t.requires!)
      expect(message).toContain(`"${register.fields[n]?.label ?? register.links[n]?.label ?? n}"`);
  }
});
