import * as z from 'zod';
import { effects } from '../answers/effects.ts';
import { attestation, decided, gateResult, presets, requirements, taken } from '../answers/gate.ts';
import type { Answer } from '../answers/shape.ts';
import { criteriaPresets } from '../registers/criteria-presets.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { AS_OF_COMPUTED, strong } from './command.ts';
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

function became(b: Answer<typeof effects>['items'][number]['because'][number]): string {
  if (b.from === null) return `is part of it since, in version ${b.to}`;
  if (b.to === null) return `is no longer part of it; it was relied on in version ${b.from}`;
  return `changed from version ${b.from} to ${b.to}: ${b.fields.map((f) => f.label).join(', ')}`;
}

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
  command: {
    name: ':register effects',
    says: 'What this {one} made stale and why; and what a change of it would.',
    takes: {
      ref: 'number of the {one}, such as {prefix}-0001',
      all: { own: true, says: 'also what still holds and would become stale' },
      asOf: AS_OF_COMPUTED,
    },
    sends: { limit: 500 },
    form: 'text',
    shows(found, say) {
      const { stale, renewed, current } = found.counts;
      say.line(`${stale} stale, ${renewed} decided again since, ${current} would become stale by a change.`);
      for (const i of found.items) {
        if (i.status === 'current' && !say.given('all')) continue;
        const of = i.release ? ` of ${i.release}` : '';
        say.line(strong(i.ref), ` ${i.title}: ${i.said}${of}, ${i.status}`);
        for (const b of i.because) say.line(`  ${b.ref} ${b.title} ${became(b)}`);
      }
      if (found.more) say.note('Not all of them are named; the counts are over all.');
      if (!found.complete) say.note('So much rests on this that not all of it was looked through.');
    },
  },
});

export const listPresets = defineAction({
  id: 'presets.list',
  method: 'GET',
  path: 'presets',
  tag: 'Proportion',
  summary: 'Starting criteria: which of them fits, and what each asks less of than those in force',
  answer: presets,
  command: {
    name: 'preset list',
    says: 'The presets, and which of them fits.',
    form: 'json',
    shows(found, say) {
      say.note(`${found.people} people; criteria in force: ${found.inForce ?? 'none'}.`);
      for (const p of found.items) {
        say.line(`${p.name}${p.proposed ? ' (fits)' : ''}: ${p.summary}`);
        for (const l of p.looser) say.line(`  asks less: ${l.text}`);
      }
    },
  },
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
  command: {
    name: 'preset take',
    says: 'Make criteria from a preset and ask for their approval.',
    takes: {
      preset: { as: 'name', says: criteriaPresets.map((p) => p.name).join(', ') },
      title: { as: '--title <text>', says: 'title; one is given unless told' },
      owner: { as: '--owner <person>', says: 'owner, such as PSN-0001; you unless told' },
      appetite: {
        as: '--appetite <level>',
        says: 'risk appetite, 1 to 25; of the preset unless told',
      },
    },
    form: 'json',
    shows({ ref, state, aloneFrom, asked }, say) {
      say.line(`${ref}: ${state}`);
      say.note(
        aloneFrom
          ? `You can decide it alone from ${aloneFrom}.`
          : asked.length > 0
            ? `It waits for ${asked.map((p) => p.name).join(' or ')}.`
            : 'Nobody else holds a role of management yet.',
      );
    },
  },
});

export const readRequirements = defineAction({
  id: `${aiSystem.name}.requirements`,
  method: 'GET',
  path: `${aiSystem.name}/:ref/requirements`,
  tag: 'Proportion',
  summary: 'What the risk class of one AI system asks of it, what it does not, and what is there',
  query: { asOf: asOfComputed },
  answer: requirements,
  command: {
    name: 'ai-system requirements',
    says: 'What the risk class asks of a system, and what it does not.',
    takes: { ref: 'number of the AI system, such as SYS-0001', asOf: AS_OF_COMPUTED },
    form: 'json',
    shows(found, say) {
      const none = 'none, treated as high';
      say.note(`Class ${found.riskClass ?? none}; criteria ${found.criteria ?? 'none in force'}.`);
      for (const i of found.items) {
        const who = i.next?.who ? ` (${i.next.who})` : '';
        const next = i.next ? ` Next: ${i.next.text}${who}.` : '';
        say.line(`${i.status === 'notAsked' ? 'not asked' : i.status}: ${i.title}. ${i.text}${next}`);
      }
      for (const e of found.eachRelease) say.line(`each release: ${e.title}. ${e.asks}`);
    },
  },
});
