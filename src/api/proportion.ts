import * as z from 'zod';
import { readFirstHour } from '../app/firstHour.ts';
import { readPresets, takePreset } from '../app/presets.ts';
import { readRequirements } from '../app/requirements.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import { AS_OF_COMPUTED, eitherWay } from './listing.ts';
import type { Operation } from './operation.ts';

const BASE = '/api/v1/:org';

const takeBody = z.strictObject({
  title: z.string({ error: 'expected text' }).min(1).max(120).optional(),
  owner: z
    .string({ error: 'expected a person' })
    .regex(/^PSN-\d{4,9}$/, { error: 'expected a person such as PSN-0001' })
    .optional(),
  appetite: z.number({ error: 'expected a number' }).min(1).max(25).optional(),
});

/** How much is asked of an organisation of this size, and of a system of this class. */
export function proportionOperations(): Operation[] {
  const common = { access: 'member' as const, mutates: false, tag: 'Proportion' };
  return [
    {
      ...common,
      id: 'presets.list',
      method: 'GET',
      path: `${BASE}/presets`,
      summary: 'Criteria to begin with, which of them fits, and what each asks less of than those in force',
      handler: (c) => readPresets(c.app, c.ask),
    },
    {
      ...common,
      id: 'presets.take',
      method: 'POST',
      path: `${BASE}/presets/:preset/take`,
      summary: 'Make criteria from a preset and ask for their approval',
      mutates: true,
      status: 201,
      input: takeBody,
      handler: async (c) => {
        const { record, ...rest } = await takePreset(
          c.app,
          c.ask,
          c.params.preset!,
          checked(takeBody, c.body),
        );
        c.reply
          .code(201)
          .header('location', `/api/v1/${c.params.org}/${registers.criteria.name}/${record.ref}`);
        return { ...record, ...rest };
      },
    },
    {
      ...common,
      id: `${registers.aiSystem.name}.requirements`,
      method: 'GET',
      path: `${BASE}/${registers.aiSystem.name}/:ref/requirements`,
      summary: 'What the risk class of one AI system asks of it, what it does not, and what is there',
      query: { asOf: AS_OF_COMPUTED },
      handler: (c) => eitherWay(c, (app) => readRequirements(app, c.ask, c.params.ref!)),
    },
    {
      ...common,
      id: 'firstHour',
      method: 'GET',
      path: `${BASE}/first-hour`,
      summary: 'What a newcomer has done, and what comes next',
      handler: (c) => readFirstHour(c.app, c.ask),
    },
  ];
}
