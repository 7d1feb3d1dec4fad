import { release } from '../registers/release.ts';
import { point, useTold, verdict } from './record.ts';
import { type Answer, byName, flag, key, list, number, object, stateOf, text } from './shape.ts';

/** A release as the home page shows it. */
export const homeRelease = object({
  ref: text,
  title: text,
  state: stateOf(release),
  system: text.nullable(),
  verdict: verdict.nullable(),
  decision: text.nullable(),
});
export type HomeRelease = Answer<typeof homeRelease>;

export const dashboard = object({
  steps: list(
    object({
      step: text,
      registers: list(object({ name: text, label: text, count: number, byState: byName(number) })),
    }),
  ),
  releases: list(homeRelease),
  inUse: list(useTold).optional().describe('Releases in use that the gate would not let through now'),
  log: object({ size: number, pending: number }),
  asOf: point.optional(),
});
export type Dashboard = Answer<typeof dashboard>;

/** One step of the first hour; `register` and `ref` say where it is taken. */
export const hourStep = object({
  id: text,
  text,
  why: text,
  said: object({ text: key, why: key }).describe('What both were made from'),
  done: flag,
  waits: flag
    .optional()
    .describe('Not done, and in other hands, or a matter of time: nothing for a newcomer to do now'),
  register: text,
  ref: text.optional(),
  create: flag.optional(),
});
export type HourStep = Answer<typeof hourStep>;

export const firstHour = object({
  people: number.describe('Most people said or counted; the preset that fits them'),
  preset: text,
  presetTitle: text,
  steps: list(hourStep),
  complete: flag.describe('Each step is done or waits'),
});
export type FirstHour = Answer<typeof firstHour>;

export const found = object({
  ref: text,
  register: text,
  title: text,
  state: text,
  updatedAt: text,
  around: text.describe(
    'The words around the first place where it says what was looked for, beyond its title; empty where only number or title do',
  ),
});
export type Found = Answer<typeof found>;

export const searchAnswer = object({
  items: list(found),
  next: number.nullable().describe('Where the next page begins; null at the end'),
  cut: flag.describe('There is more than a search lists: add a word'),
});
export type SearchAnswer = Answer<typeof searchAnswer>;
