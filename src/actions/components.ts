import * as z from 'zod';
import { adopted, likenesses, lineage, proposed } from '../answers/components.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { start } from './params.ts';

const { component, aiSystem, supplier } = registers;
const tag = 'Components';

/** Most components that are taken over at once: one transaction. */
export const MOST_ADOPTED = 500;

/** Registers in which a new record may be a thing that is there already under another number. */
export const LIKENED = [aiSystem, component, supplier] as const;

const text = (max: number) =>
  z.string({ error: 'expected text' }).min(1, { error: 'must not be empty' }).max(max);

export const proposeComponents = defineAction({
  id: `${component.name}.propose`,
  method: 'POST',
  path: `${component.name}/propose`,
  tag,
  summary:
    'Components that a file describes (CycloneDX, model card), with those that are known; nothing is stored',
  body: 'file',
  query: { fileName: start('name of the file', 300) },
  answer: proposed,
});

export const adoptComponents = defineAction({
  id: `${component.name}.adopt`,
  method: 'POST',
  path: `${component.name}/adopt`,
  tag,
  summary:
    'Create the components that were chosen among proposals, linked to a system and to each other, all or none',
  writes: true,
  status: 201,
  body: z.strictObject({
    system: text(40).optional(),
    components: z
      .array(
        z.strictObject({
          key: text(400),
          use: text(40).optional(),
          values: z.record(z.string(), z.unknown(), { error: 'expected an object' }).optional(),
          derivedFrom: z.array(text(400), { error: 'expected a list' }).max(200).optional(),
        }),
        { error: 'expected a list of components' },
      )
      .min(1, { error: 'names no component' })
      .max(MOST_ADOPTED, { error: `takes at most ${MOST_ADOPTED} components at once` }),
  }),
  answer: adopted,
});

export const readLineage = defineAction({
  id: 'lineage',
  method: 'GET',
  path: ':register/:ref/lineage',
  of: [component, aiSystem],
  tag,
  summary: (r) =>
    r.name === component.name
      ? 'What a component was derived from and what was derived from it, over all steps'
      : 'The components of an AI system, what they were derived from and what was derived from them',
  answer: lineage,
  command: {
    name: ':register lineage',
    says: 'What it was derived from and what was derived from it, over all steps.',
    takes: { ref: 'number such as {prefix}-0001' },
    form: 'json',
    shows({ nodes, edges, cut }, say) {
      for (const n of nodes) {
        const from = edges.filter((e) => e.from === n.ref).map((e) => e.to);
        const step = n.layer === 0 ? '' : n.layer < 0 ? `${-n.layer} back` : `${n.layer} on`;
        const facts = [n.kind, n.version, n.licence].filter(Boolean).join(', ');
        const of = from.length > 0 ? ` from ${from.join(', ')}` : '';
        say.line(`${step.padEnd(8)} ${n.ref} ${n.title} (${facts})${of}`);
      }
      if (cut) say.note('There is more; the nearest components are shown.');
    },
  },
});

export const similar = defineAction({
  id: 'similar',
  method: 'GET',
  path: ':register/similar',
  of: LIKENED,
  tag,
  summary: 'Records that may be the same thing: same digest, same name, near name',
  query: {
    name: start('its name', 300),
    version: start('its version', 300),
    digest: start('its digest', 300),
  },
  answer: likenesses,
});
