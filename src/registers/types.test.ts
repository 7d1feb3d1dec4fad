import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import {
  choice,
  engine,
  later,
  link,
  number,
  optional,
  person,
  table,
  text,
  yesNo,
} from '../register/field.ts';
import {
  type ContentsOf,
  contentsAs,
  type FieldOf,
  type LinkOf,
  linksOf,
  type Rec,
  recIf,
  recOf,
  recsOf,
  type StateOf,
  type StepOf,
} from '../register/rec.ts';
import { defineRegister, type Register } from '../register/register.ts';
import { type RegisterName, type Registers, registers, registry } from './index.ts';

const { criteria, release, risk } = registers;

/** One of each: what the types of a record are made from. */
const kiln = defineRegister({
  name: 'kiln',
  prefix: 'KLN',
  step: 'Scope',
  label: { one: 'kiln', many: 'kilns' },
  purpose: 'For this test.',
  clauses: {},
  fields: {
    title: text('Title'),
    owner: person('Owner'),
    heat: later(number('Heat')),
    fuel: optional(choice('Fuel', ['gas', 'wood'])),
    seen: engine(yesNo('Seen')),
    shelves: optional(
      table('Shelves', {
        name: { label: 'Name', kind: 'text', required: true },
        level: { label: 'Level', kind: 'number' },
        kind: { label: 'Kind', kind: 'choice', options: ['flat', 'deep'], required: true },
        free: { label: 'Free', kind: 'yesNo' },
      }),
    ),
  },
  links: { pots: link('pot', { label: 'Pots', inverse: 'kilns' }) },
  derived: {
    hot: (v) => (v.heat === undefined ? undefined : v.heat > 900),
    names: (v) => v.shelves?.map((s) => s.name).join(),
  },
  workflow: {
    states: ['cold', 'lit'],
    transitions: { light: { from: 'cold', to: 'lit', by: 'owner', requires: ['heat', 'pots'] } },
  },
  permissions: { read: 'anyone', create: 'contributor', edit: 'owner' },
  columns: ['title'],
});
type Kiln = typeof kiln;

const stored: Rec = {
  id: '1',
  ref: 'KLN-0001',
  register: 'kiln',
  number: 1,
  version: 1,
  state: 'cold',
  title: 'Old kiln',
  values: { title: 'Old kiln', owner: 'PSN-0001' },
  derived: {},
  links: {},
  createdAt: '',
  createdBy: '',
  updatedAt: '',
  updatedBy: '',
};

test('every register has its own types: none became `any`, each is what shared code takes', () => {
  expectTypeOf<Registers>().not.toBeAny();
  type Lost = { [K in RegisterName]: 0 extends 1 & Registers[K] ? K : never }[RegisterName];
  expectTypeOf<Lost>().toBeNever();
  type Erased = {
    [K in RegisterName]: string extends FieldOf<Registers[K]> | StateOf<Registers[K]> | StepOf<Registers[K]>
      ? K
      : never;
  }[RegisterName];
  expectTypeOf<Erased>().toBeNever();
  expectTypeOf<Registers>().toExtend<Record<string, Register>>();
  expectTypeOf<Rec<Registers[RegisterName]>>().toExtend<Rec>();
  expect(Object.keys(registers).length).toBeGreaterThan(30);
});

test('every declaration stands in the list', () => {
  const declared = readdirSync(import.meta.dirname)
    .filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
    .filter((f) => readFileSync(join(import.meta.dirname, f), 'utf8').includes('= defineRegister('))
    .map((f) => f.slice(0, -3).replace(/-([a-z])/g, (_, c: string) => c.toUpperCase()));
  expect(declared.sort()).toEqual(Object.keys(registers).sort());
});

test('every register is found by its own name, and every link leads to one', () => {
  type Misnamed = { [K in RegisterName]: Registers[K]['name'] extends K ? never : K }[RegisterName];
  expectTypeOf<Misnamed>().toBeNever();
  type LinksOfAll = { [K in RegisterName]: Registers[K]['links'] }[RegisterName];
  type Targets = LinksOfAll extends infer L ? (L extends unknown ? L[keyof L] : never) : never;
  expectTypeOf<Targets extends { to: infer To } ? To : never>().toExtend<RegisterName>();
  expect(Object.entries(registers).filter(([name, r]) => r.name !== name)).toEqual([]);
  expect(registry.all.map((r) => r.name).sort()).toEqual(Object.keys(registers).sort());
});

test('a record has the values of its declaration, by kind; only what every record has is always there', () => {
  const record = recOf(kiln, stored);
  expect(record).toBe(stored);
  expectTypeOf(record.register).toEqualTypeOf<'kiln'>();
  expectTypeOf(record.state).toEqualTypeOf<'cold' | 'lit'>();
  expectTypeOf(record.values.title).toEqualTypeOf<string>();
  expectTypeOf(record.values.heat).toEqualTypeOf<number | undefined>();
  expectTypeOf(record.values.fuel).toEqualTypeOf<'gas' | 'wood' | undefined>();
  expectTypeOf(record.values.seen).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(record.derived.hot).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(record.derived.names).toEqualTypeOf<string | undefined>();
  expectTypeOf(record.links.pots).toEqualTypeOf<string[] | undefined>();
  type Shelf = NonNullable<(typeof record.values)['shelves']>[number];
  expectTypeOf<Shelf['name']>().toEqualTypeOf<string>();
  expectTypeOf<Shelf['level']>().toEqualTypeOf<number | null | undefined>();
  expectTypeOf<Shelf['kind']>().toEqualTypeOf<'flat' | 'deep'>();
  expectTypeOf<Shelf['free']>().toEqualTypeOf<boolean | null | undefined>();
  expectTypeOf<StepOf<Kiln>>().toEqualTypeOf<'light'>();
  expectTypeOf<LinkOf<Kiln>>().toEqualTypeOf<'pots'>();
  expectTypeOf(kiln.links.pots.to).toEqualTypeOf<'pot'>();
  expectTypeOf(kiln.links.pots.inverse).toEqualTypeOf<'kilns'>();
  // What else is known of a stored record stays beside it.
  expectTypeOf(recOf(kiln, { ...stored, digest: 'x' }).digest).toEqualTypeOf<string>();
});

test('the product’s own records have them', () => {
  expectTypeOf<Rec<typeof risk>['values']['likelihood']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Rec<typeof risk>['values']['title']>().toEqualTypeOf<string>();
  expectTypeOf<Rec<typeof risk>['derived']['level']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Rec<typeof release>['links']['system']>().toEqualTypeOf<string[] | undefined>();
  type Policy = NonNullable<Rec<typeof criteria>['values']['gatePolicy']>[number];
  expectTypeOf<Policy['riskClass']>().toEqualTypeOf<'minimal' | 'limited' | 'high'>();
  expect(risk.fields.likelihood.kind).toBe('score');
});

test('a name that the declaration does not know does not compile', () => {
  // Never called: what counts is that each line is an error, and that the compiler says so when one no longer is.
  const misspelt = (r: Rec<Kiln>, c: ContentsOf<Kiln>) => {
    // @ts-expect-error a field
    r.values.hat;
    // @ts-expect-error a field of contents
    c.values.hat;
    // @ts-expect-error a link
    r.links.pot;
    // @ts-expect-error a link asked by name
    linksOf<Kiln>(r, 'pot');
    // @ts-expect-error a derived value
    r.derived.cold;
    // @ts-expect-error a state
    r.state === 'warm';
    // @ts-expect-error a choice
    r.values.fuel === 'coal';
    // @ts-expect-error a field of the declaration
    kiln.fields.hat;
    // @ts-expect-error a step
    kiln.transitions.extinguish;
    // @ts-expect-error a register
    registers.kiln;
    // @ts-expect-error what may be absent is not there for sure
    const heat: number = r.values.heat;
    // @ts-expect-error nobody changes a record in place
    r.values.title = 'x';
    // @ts-expect-error a record of another register
    const other: Rec<typeof risk> = r;
    return [heat, other];
  };
  expect(misspelt).toBeTypeOf('function');
});

test('a record of another register is never taken for one of this', () => {
  expect(() => recOf(risk, stored)).toThrow(/expected a record of risk, got KLN-0001 of kiln/);
  expect(recIf(risk, stored)).toBeUndefined();
  expect(recIf(risk, undefined)).toBeUndefined();
  expect(recsOf(kiln, [stored, { ...stored, register: 'risk' }])).toEqual([stored]);
  expect(() => contentsAs(risk, kiln, { values: {}, links: {} })).toThrow(/of risk, got kiln/);
  expect(linksOf(recOf(kiln, stored), 'pots')).toEqual([]);
});
