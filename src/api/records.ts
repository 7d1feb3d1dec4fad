import { Readable } from 'node:stream';
import * as z from 'zod';
import type { Action } from '../actions/action.ts';
import * as own from '../actions/own.ts';
import { wholeNumber } from '../actions/params.ts';
import type { Committed } from '../answers/record.ts';
import { exportRecords, MEDIA_TYPES } from '../app/exchange/exporting.ts';
import { templateCsv } from '../app/exchange/import-file.ts';
import { inspectImport } from '../app/exchange/import-inspect.ts';
import { importRecords } from '../app/exchange/transfer.ts';
import { discloseVersion } from '../app/log/log.ts';
import { notSigned } from '../app/log/log-standing.ts';
import { proveLatest } from '../app/log/newest-versions.ts';
import { findOrganisation } from '../app/people/organisations.ts';
import { listThen, listVersionsThen, readPageThen } from '../app/read/as-of-query.ts';
import { listRecords, listVersions, readPage } from '../app/read/query.ts';
import { createRecord, editRecord, transitRecord } from '../app/write/commit.ts';
import { present } from '../app/write/idempotent.ts';
import { Failure } from '../base/failure.ts';
import { formatDisclosure, formatLatest } from '../ledger/index.ts';
import { inSentence, transitionLabel } from '../register/describe.ts';
import { asList, type Register, type Registry } from '../register/register.ts';
import { schemaOf } from '../register/values.ts';
import { toKept } from '../store/records/idempotency.ts';
import { askingWith } from './asking.ts';
import { bodyBytes, importOptions } from './import.ts';
import { listQuery } from './listing.ts';
import { type Call, type Operation, single } from './operation.ts';
import { described } from './serve.ts';

const transitionBody = (register: Register) =>
  z.strictObject({
    values: schemaOf(register, 'edit').optional(),
    reason: z.string().max(5000).optional(),
    until: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'expected a day such as 2027-03-31' })
      .optional(),
    password: z.string().max(200).optional(),
  });

const looseTransition = z.strictObject({
  values: z.unknown().optional(),
  reason: z.string({ error: 'expected text' }).max(5000).nullish(),
  until: z
    .string({ error: 'expected a day' })
    .refine((s) => /^\d{4}-\d{2}-\d{2}$/.test(s) && !Number.isNaN(Date.parse(s)), {
      error: 'expected a day such as 2027-03-31',
    })
    .nullish(),
  password: z.string({ error: 'expected text' }).max(200).nullish(),
});

/** `"3"` or `3` -> 3. */
export function ifMatch(call: Pick<Call, 'request'>): number | undefined {
  const raw = call.request.headers['if-match'];
  if (raw === undefined) return undefined;
  const m = /^(?:W\/)?"?(\d{1,9})"?$/.exec(raw.trim());
  if (!m)
    throw new Failure('BAD_INPUT', `If-Match: expected the ETag of the version you saw, such as "3".`, [
      { path: 'If-Match', message: 'is not an ETag of ours' },
    ]);
  return Number(m[1]);
}

function answer(call: Call, done: Committed, status = 200) {
  call.reply.code(status).header('etag', `"${done.record.version}"`);
  return {
    ...done.record,
    ...(done.decision ? { decision: done.decision } : {}),
    ...(done.unchanged ? { unchanged: true } : notSigned(call.app, call.ask.actor.organisation)),
  };
}

/** Answers who sends a write again under its key: the record as it is now. */
async function again(call: Call, kept: unknown): Promise<unknown> {
  const one = toKept(kept);
  return one ? answer(call, await present(call.app, call.ask, one)) : kept;
}

/** The operations every register has, made from its declaration. */
export function recordOperations(registry: Registry): Operation[] {
  return registry.all.flatMap((register) => {
    const of = (action: Action) => ({
      ...described(action, register),
      register,
      ...(action.writes ? { again } : {}),
    });
    const byPeople = !register.permissions.create.every((w) => w === 'engine');
    const editable = !register.permissions.edit.every((w) => w === 'engine');
    const ops: Operation[] = [
      {
        ...of(own.list),
        filters: true,
        handler: (c) => {
          const asOf = single(c.query, 'asOf');
          const q = listQuery(c.query);
          return asOf === undefined
            ? listRecords(c.app, c.ask, register, q)
            : listThen(c.app, c.ask, register, q, asOf);
        },
      },
      {
        ...of(own.read),
        handler: async (c) => {
          const asOf = single(c.query, 'asOf');
          // No ETag: nothing can be changed on the strength of an earlier state.
          if (asOf !== undefined) return readPageThen(c.app, c.ask, register, c.params.ref!, asOf);
          const page = await readPage(c.app, c.ask, register, c.params.ref!);
          c.reply.header('etag', `"${page.version}"`);
          return page;
        },
      },
      {
        ...of(own.listVersions),
        handler: (c) => {
          const after = wholeNumber(single(c.query, 'after') || '2147483647', 'after', 1, 2 ** 31 - 1);
          const asOf = single(c.query, 'asOf');
          return asOf === undefined
            ? listVersions(c.app, c.ask, register, c.params.ref!, after)
            : listVersionsThen(c.app, c.ask, register, c.params.ref!, after, asOf);
        },
      },
      {
        ...of(own.prove),
        handler: async (c) => {
          const version = single(c.query, 'version');
          const organisation = await findOrganisation(c.app, c.params.org!);
          const latest = single(c.query, 'latest');
          c.reply.header('content-type', 'application/json; charset=utf-8');
          if (latest) {
            if (version)
              throw new Failure('BAD_INPUT', 'Give version or latest, not both.', [
                { path: '/latest', message: 'cannot be given beside version' },
              ]);
            const below = latest === 'true' ? undefined : wholeNumber(latest, 'latest', 1, 2 ** 53 - 1);
            return formatLatest(
              await proveLatest(c.app, c.ask, organisation!, register, c.params.ref!, below),
            );
          }
          const disclosure = await discloseVersion(
            c.app,
            c.ask,
            organisation!,
            register,
            c.params.ref!,
            version ? wholeNumber(version, 'version', 1, 2 ** 31 - 1) : undefined,
          );
          // Sent in its canonical spelling: a verifier refuses any other.
          return formatDisclosure(disclosure);
        },
      },
      {
        ...of(own.exportAll),
        handler: (c) =>
          exportRecords(
            c.app,
            c.ask,
            register,
            single(c.query, 'format') ?? 'json',
            c.reply,
            single(c.query, 'asOf'),
          ),
      },
    ];
    if (byPeople)
      ops.push(
        {
          ...of(own.create),
          input: () => schemaOf(register, 'create'),
          handler: async (c) => {
            const done = await createRecord(c.app, c.ask, register, c.body);
            c.reply.header('location', `/api/v1/${c.params.org}/${register.name}/${done.record.ref}`);
            return answer(c, done, 201);
          },
        },
        {
          ...of(own.importAll),
          handler: (c) => importRecords(c.app, c.ask, register, bodyBytes(c), importOptions(c)),
        },
        {
          ...of(own.inspectImport),
          handler: (c) => inspectImport(c.app, c.ask, register, bodyBytes(c), importOptions(c)),
        },
        {
          ...of(own.templateXlsx),
          handler: async (c) => {
            const { templateXlsx } = await import('../app/exchange/workbook.ts');
            c.reply
              .header('content-type', MEDIA_TYPES.xlsx)
              .header('content-disposition', `attachment; filename="${register.name}-template.xlsx"`);
            return Readable.from(templateXlsx(register, c.app.clock.now()));
          },
        },
        {
          ...of(own.templateCsv),
          handler: async (c) => {
            c.reply.header('content-type', 'text/csv; charset=utf-8');
            return templateCsv(register);
          },
        },
      );
    if (editable)
      ops.push({
        ...of(own.edit),
        input: () => schemaOf(register, 'edit'),
        handler: async (c) => {
          const { body, reason } = splitReason(c.body);
          return answer(
            c,
            await editRecord(c.app, c.ask, register, c.params.ref!, body, { expect: ifMatch(c), reason }),
          );
        },
      });
    for (const [name, t] of Object.entries(register.transitions)) {
      if (asList(t.by).every((w) => w === 'engine')) continue;
      ops.push({
        ...of(own.take),
        id: `${register.name}.${name}`,
        path: `/api/v1/:org/${register.name}/:ref/${name}`,
        summary: `${transitionLabel(name, t.label)} one ${inSentence(register.label.one)}`,
        input: () => transitionBody(register),
        handler: (c) => transit(c, register, name),
      });
    }
    return ops;
  });
}

/** Runs a transition from a request body; the password, when one is given, only ever goes to the identity part. */
async function transit(c: Call, register: Register, name: string) {
  const parsed = looseTransition.safeParse(c.body ?? {}, { reportInput: true });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const at = issue.code === 'unrecognized_keys' ? issue.keys[0]! : issue.path.join('/');
    throw new Failure(
      'INVALID',
      `${at || 'the body'}: ${issue.message}; known are values, reason, until, password.`,
      [{ path: `/${at}`, message: issue.message }],
    );
  }
  const { values, reason, until, password } = parsed.data;
  const ask = askingWith(c, password ?? undefined);
  const done = await transitRecord(c.app, ask, register, c.params.ref!, name, {
    values: values ?? undefined,
    reason: reason ?? undefined,
    until: until ?? undefined,
    expect: ifMatch(c),
  });
  return answer(c, done);
}

function splitReason(body: unknown): { body: unknown; reason?: string } {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, '$reason')) return { body };
  const { $reason, ...rest }: Record<string, unknown> = { ...body };
  if (typeof $reason !== 'string' || $reason.length > 5000)
    throw new Failure('INVALID', '$reason: expected text of at most 5,000 characters.', [
      { path: '/$reason', message: 'expected text' },
    ]);
  return { body: rest, reason: $reason };
}
