import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { defineAction } from '../../src/actions/action.ts';
import { strong } from '../../src/actions/command.ts';
import { listed, madeOf } from '../../src/actions/commands.ts';
import { whole } from '../../src/actions/params.ts';
import { filterRemoved } from '../../src/answers/comments-and-bulk.ts';
import { serve } from '../../src/api/serve.ts';
import { createServer, type Served } from '../../src/api/server.ts';
import { Context } from '../../src/cli/context.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { type TestInstance, testInstance } from '../support/instance.ts';

/** The promise: an action is declared once, and is a route, an entry of the interface description, and a command. */
const echo = defineAction({
  id: 'echo',
  method: 'POST',
  path: 'echo/:ref',
  tag: 'Tests',
  summary: 'Say it again',
  query: { times: whole('how often', 1, 5, 1) },
  body: z.strictObject({
    text: z.string().describe('what to say'),
    mood: z.enum(['calm', 'loud']).optional(),
    twice: z.boolean().optional(),
  }),
  answer: filterRemoved,
  command: {
    name: 'echo again',
    says: 'Say it again, and again.',
    takes: {
      ref: 'number of anything',
      text: 'what to say',
      mood: 'how to say it',
      twice: 'and once more',
      times: { as: '--times <n>', says: 'how often' },
    },
    form: 'json',
    refuses: ({ removed }) => removed.includes('NO'),
    shows: ({ removed }, say) => say.line(strong('Heard: '), removed),
  },
});

let t: TestInstance;
let server: Served;
let env: Record<string, string>;
beforeAll(async () => {
  t = await testInstance();
  const also = serve(echo, async ({ params, query, body }) => ({
    removed: [params.ref, body.text, body.mood, body.twice, query.times].join(' '),
  }));
  server = await createServer({ app: t.app, version: 'test', firstRunToken: () => false, also });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  const key = await t.key('reader', await t.person('Ada', ['aimsManager']));
  const secret = String(key.headers.authorization).replace('Bearer ', '');
  env = { AIMS_URL: `http://127.0.0.1:${port}`, AIMS_ORG: t.organisation.slug, AIMS_KEY: secret };
});
afterAll(async () => {
  await server?.close();
  await t?.close();
});

async function aims(line: string[]) {
  const out = new PassThrough();
  const err = new PassThrough();
  const io = { stdin: new PassThrough().end(), stdout: out, stderr: err, env, cwd: '/', home: '/nowhere' };
  const context = new Context(io, t.app.registry);
  const derived = listed('here', { echo }).map((l) => ({ ...l, made: madeOf(echo, l.name) }));
  const failed: unknown = await buildProgram(context, derived, line)
    .parseAsync(line, { from: 'user' })
    .catch((e: Error) => e.message);
  const text = (s: PassThrough) => String(s.read() ?? '');
  return { code: context.exitCode, out: text(out), err: text(err), failed };
}

test('it is a route and an operation of the interface description', async () => {
  const found = await server.inject('/api/v1/openapi.json');
  const { paths } = found.json<{ paths: Record<string, Record<string, { summary: string }>> }>();
  expect(paths['/api/v1/{org}/echo/{ref}']?.post).toMatchObject({
    operationId: 'echo',
    summary: 'Say it again',
  });
});

test('it is a command that asks, tells, and says no by its exit code', async () => {
  const told = await aims([
    'echo',
    'again',
    'RSK-0001',
    '--text',
    'YES',
    '--mood',
    'loud',
    '--twice',
    '--times',
    '3',
  ]);
  expect(told).toMatchObject({ code: 0, out: 'Heard: RSK-0001 YES loud true 3\n', err: '' });
  const json = await aims(['echo', 'again', 'RSK-0001', '--text', 'NO\u001b[2J', '--json']);
  expect([json.code, JSON.parse(json.out)]).toEqual([1, { removed: 'RSK-0001 NO\u001b[2J   1' }]);
  expect((await aims(['echo', 'again', 'X', '--text', 'a\u001b[2Jb'])).out).toBe('Heard: X a?[2Jb   1\n');
});

test('its options are those of its declaration: what is needed, what may be chosen', async () => {
  const help = (await aims(['echo', 'again', '--help'])).out.replace(/\s+/g, ' ');
  for (const words of [
    'again [options] <ref>',
    'Say it again, and again.',
    'number of anything',
    '--twice and once more',
  ])
    expect(help).toContain(words);
  expect((await aims(['echo', 'again', 'X'])).failed).toContain(
    "required option '--text <text>' not specified",
  );
  expect((await aims(['echo', 'again', 'X', '--text', 'a', '--mood', 'odd'])).failed).toContain('calm, loud');
});

test('a command that names what its action does not take is refused where it is declared', () => {
  const wrong = { ...echo, command: { ...echo.command, name: 'echo wrong', takes: { colour: 'which' } } };
  expect(() => listed('here', { wrong })).toThrow('echo takes no colour');
});
