import * as z from 'zod';
import { adoptComponents, MOST_ADOPTED, proposeComponents } from '../app/components.ts';
import { LIKENED } from '../app/importDuplicates.ts';
import { likenesses } from '../app/likeness.ts';
import { readLineage } from '../app/lineage.ts';
import { demandRead } from '../app/query.ts';
import { Failure } from '../base/failure.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import { bodyBytes } from './import.ts';
import { type Operation, single } from './operation.ts';

const BASE = '/api/v1/:org';

const text = (max: number) =>
  z.string({ error: 'expected text' }).min(1, { error: 'must not be empty' }).max(max);

const adoption = z.strictObject({
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
});

/** Components out of files, what is like them, and what comes from what. */
export function componentOperations(): Operation[] {
  const common = { access: 'member' as const, mutates: false, tag: 'Components' };
  return [
    {
      ...common,
      id: `${registers.component.name}.propose`,
      method: 'POST',
      path: `${BASE}/${registers.component.name}/propose`,
      summary:
        'Components that a file describes (CycloneDX, model card), with those that are known; nothing is stored',
      body: 'file',
      query: { fileName: 'name of the file' },
      handler: (c) =>
        proposeComponents(c.app, c.ask, bodyBytes(c), (single(c.query, 'fileName') ?? '').slice(0, 300)),
    },
    {
      ...common,
      id: `${registers.component.name}.adopt`,
      method: 'POST',
      path: `${BASE}/${registers.component.name}/adopt`,
      summary:
        'Create the components that were chosen among proposals, linked to a system and to each other, all or none',
      mutates: true,
      status: 201,
      input: adoption,
      handler: async (c) => {
        const done = await adoptComponents(c.app, c.ask, checked(adoption, c.body));
        c.reply.code(201);
        return done;
      },
    },
    ...[registers.component.name, registers.aiSystem.name].map(
      (name): Operation => ({
        ...common,
        id: `${name}.lineage`,
        method: 'GET',
        path: `${BASE}/${name}/:ref/lineage`,
        summary:
          name === registers.component.name
            ? 'What a component was derived from and what was derived from it, over all steps'
            : 'The components of an AI system, what they were derived from and what was derived from them',
        handler: (c) => readLineage(c.app, c.ask, c.app.registry.get(name), c.params.ref!),
      }),
    ),
    ...LIKENED.map(
      (name): Operation => ({
        ...common,
        id: `${name}.similar`,
        method: 'GET',
        path: `${BASE}/${name}/similar`,
        summary: 'Records that may be the same thing: same digest, same name, near name',
        query: { name: 'its name', version: 'its version', digest: 'its digest' },
        handler: async (c) => {
          const register = c.app.registry.get(name);
          demandRead(c.ask, register);
          const given = (what: string) => single(c.query, what)?.slice(0, 300) || undefined;
          const called = given('name');
          if (called === undefined || called.includes('\u0000'))
            throw new Failure('BAD_INPUT', 'name: say what it is called.', [
              { path: '/name', message: 'is missing' },
            ]);
          const [items] = await likenesses(c.app, c.ask, register, [
            { name: called, version: given('version'), digest: given('digest')?.replaceAll('\u0000', '') },
          ]);
          return { items };
        },
      }),
    ),
  ];
}
