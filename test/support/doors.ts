import { expect } from 'vitest';
import type { Register } from '../../src/register/register.ts';
import { sampleInput } from './arrange.ts';
import type { Answer, TestInstance, Visitor } from './instance.ts';

/** Every door by which a value comes to a record that people create; `along` names what else of a whole record it is held against. */
export async function doors(
  t: TestInstance,
  by: Visitor,
  r: Register,
  name: string,
  value: unknown,
  along: readonly string[] = [],
): Promise<[string, () => Promise<Answer>][]> {
  const body = await sampleInput(t, r, 1, 'required');
  const settled = Object.fromEntries(
    Object.entries(await sampleInput(t, r, 1)).filter(([n]) => along.includes(n)),
  );
  const whole = { ...body, ...settled };
  const made = await by.ask('POST', r.name, whole);
  expect(made.status, made.text).toBe(201);
  const { ref } = made.body;
  const type = { 'content-type': 'application/json' };
  const file = (row: object) => by.ask('POST', `${r.name}/import?format=json`, JSON.stringify([row]), type);
  return [
    ['create', () => by.ask('POST', r.name, { ...whole, [name]: value })],
    ['edit', () => by.ask('PATCH', `${r.name}/${ref}`, { [name]: value })],
    ['bulk', () => by.ask('POST', `${r.name}/bulk`, { refs: [ref], values: { [name]: value } })],
    ['import', () => file({ ...whole, [name]: value })],
    ['import of a change', () => file({ ref, [name]: value })],
  ];
}
