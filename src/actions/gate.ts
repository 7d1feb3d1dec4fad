import * as z from 'zod';
import { effects } from '../answers/effects.ts';
import { attestation, decided, gateResult, presets, requirements, taken } from '../answers/gate.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { asOfComputed, whole } from './params.ts';
import { personRef } from './parts.ts';

const { release, gateDecision, aiSystem, change, component } = registers;
const tag = 'Release gate';

export const preview = defineAction({
  id: `${release.name}.gate.preview`,
  method: 'GET',
  path: `${release.name}/:ref/gate`,
  tag,
  summary: 'What the gate would say now, or would have said then; nothing is recorded',
  query: { asOf: asOfComputed },
  answer: gateResult,
});

export const decide = defineAction({
  id: `${release.name}.gate`,
  method: 'POST',
  path: `${release.name}/:ref/gate`,
  tag,
  summary: 'Decide on a release, and record the signed decision, refusals too',
  writes: true,
  answer: decided,
});

export const readAttestation = defineAction({
  id: `${gateDecision.name}.attestation`,
  method: 'GET',
  path: `${gateDecision.name}/:ref/attestation`,
  tag,
  summary: 'The signed statement (DSSE with in-toto and SLSA VSA)',
  answer: attestation,
});

const EFFECTS: Readonly<Record<string, string>> = {
  [change.name]: 'What the components of a change ticket made stale, or would',
  [component.name]: 'What changes of a component made stale, or would',
  [aiSystem.name]: 'What around an AI system is stale, and why',
};

export const readEffects = defineAction({
  id: 'effects',
  method: 'GET',
  path: ':register/:ref/effects',
  of: [change, component, aiSystem],
  tag: 'Change effects',
  summary: (r) => EFFECTS[r.name] ?? '',
  query: {
    limit: whole('how many to name, 1 to 500; 200 unless told. The counts are over all', 1, 500, 200),
    asOf: asOfComputed,
  },
  answer: effects,
});

export const listPresets = defineAction({
  id: 'presets.list',
  method: 'GET',
  path: 'presets',
  tag: 'Proportion',
  summary: 'Criteria to begin with, which of them fits, and what each asks less of than those in force',
  answer: presets,
});

export const takePreset = defineAction({
  id: 'presets.take',
  method: 'POST',
  path: 'presets/:preset/take',
  tag: 'Proportion',
  summary: 'Make criteria from a preset and ask for their approval',
  writes: true,
  status: 201,
  body: z.strictObject({
    title: z.string({ error: 'expected text' }).min(1).max(120).optional(),
    owner: personRef.optional(),
    appetite: z.number({ error: 'expected a number' }).min(1).max(25).optional(),
  }),
  answer: taken,
});

export const readRequirements = defineAction({
  id: `${aiSystem.name}.requirements`,
  method: 'GET',
  path: `${aiSystem.name}/:ref/requirements`,
  tag: 'Proportion',
  summary: 'What the risk class of one AI system asks of it, what it does not, and what is there',
  query: { asOf: asOfComputed },
  answer: requirements,
});
