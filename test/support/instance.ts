import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { inject } from 'vitest';
import type { App } from '../../src/app/context.ts';
import { createOrganisation, type Organisation } from '../../src/app/people/organisations.ts';
import { createMember, engineActor } from '../../src/app/people/people.ts';
import { createRecord } from '../../src/app/write/commit.ts';
import type { Clock } from '../../src/base/clock.ts';
import { type Instance, openInstance } from '../../src/instance.ts';
import type { Registry } from '../../src/register/register.ts';
import type { Role } from '../../src/register/who.ts';
import { registry as allRegisters } from '../../src/registers/index.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import { type TestDatabase, withOwner } from './as-owner.ts';
import { type Connection, ensureTemplate, testDatabase, testLogins, testPool } from './postgres.ts';
import { quickPasswords } from './quick-passwords.ts';
import { ROOT } from './root.ts';

export { ROOT } from './root.ts';
/** Password of everybody in tests. */
export const PASSWORD = 'a long enough password';

/** Somebody signed in, or a key, with the ways they reach the server. */
export interface Visitor {
  ref: string;
  name: string;
  headers: Record<string, string>;
  /** One request; JSON bodies are sent and read as such. */
  ask(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
}

/** The application as tests see it. */
export type TestApp = App & { db: TestDatabase };

export interface TestInstance extends Instance {
  app: TestApp;
  organisation: Organisation;
  /** Where its database and its keys are, for starting the application itself on them. */
  connection: Connection;
  dataDir: string;
  /** Lines that it wrote to its output. */
  said: readonly string[];
  /** A new person with an account and these roles, signed in. `organisation` other than the first one may be named. */
  person(name: string, roles: Role[], organisation?: Organisation): Promise<Visitor>;
  key(role: 'ci' | 'reader', by: Visitor): Promise<Visitor>;
  /** Nobody. */
  stranger: Visitor;
  newOrganisation(name: string): Promise<Organisation>;
  /** Another instance on the same database and folder, as after an update: its visitors are those of this one. */
  again(registry: Registry): Promise<Instance & { app: TestApp; as(who: Visitor): Visitor }>;
}

/** Migrations take longer than copying what they made. */
async function migrated(connection: Connection): Promise<void> {
  const pool = testPool(connection);
  try {
    await migrate(pool, join(ROOT, 'migrations'));
  } finally {
    await pool.end();
  }
}

/**
 * Never answers the same time twice, so that whoever reads it twice for one write is found: by the store, which refuses, and by every audit
 * pack.
 */
export function movingClock(): Clock {
  let last = 0;
  return {
    now: () => {
      last = Math.max(Date.now(), last + 1);
      return new Date(last);
    },
  };
}

/** A whole instance on a database of its own, without listening; closed and dropped by `close`. */
export async function testInstance(
  o: { registry?: Registry; clock?: Clock; site?: string; allowPrivate?: readonly string[] } = {},
): Promise<TestInstance> {
  await ensureTemplate('template_openaims', migrated);
  const database = await testDatabase({ template: 'template_openaims' });
  const dataDir = mkdtempSync(join(tmpdir(), 'aims-instance-'));
  const lines: string[] = [];
  const clock = movingClock();
  const open = async (registry: Registry) => {
    const opened = await openInstance({
      connection: database.connection,
      logins: testLogins(database.connection),
      dataDir,
      migrations: join(ROOT, 'migrations'),
      registry,
      passwords: quickPasswords,
      intakeScript: inject('intakeScript'),
      // Witnesses and authorities of tests are on this machine.
      allowPrivate: o.allowPrivate ?? ['127.0.0.1'],
      baseUrl: 'http://127.0.0.1:42001',
      version: 'test',
      clock: o.clock ?? clock,
      ...(o.site ? { site: o.site } : {}),
      log: (line) => lines.push(line),
    });
    const db = withOwner(opened.app.db, database.connection);
    return {
      ...opened,
      app: Object.assign(opened.app, { db }),
      close: async () => {
        await opened.close();
        await db.ownerPool.end();
      },
    };
  };
  const instance = await open(o.registry ?? allRegisters);
  const { app, server } = instance;
  const make = (name: string, isPublic: boolean) =>
    createOrganisation(app, { name, slug: name, logPublic: isPublic, demo: false });
  const organisation = await make('acme', true);
  const visitor = (
    org: Organisation,
    ref: string,
    name: string,
    headers: Record<string, string>,
    at = server,
  ): Visitor => ({
    ref,
    name,
    headers,
    ask: async (method, path, body, more) => {
      const url = path.startsWith('/') ? path : `/api/v1/${org.slug}/${path}`;
      const raw = Buffer.isBuffer(body) || typeof body === 'string';
      const request: InjectOptions = {
        method,
        url,
        headers: {
          ...headers,
          ...(body === undefined
            ? {}
            : { 'content-type': raw ? 'application/octet-stream' : 'application/json' }),
          ...more,
        },
        ...(body === undefined ? {} : { payload: raw ? (body as string) : JSON.stringify(body) }),
      };
      const r = await at.inject(request);
      const json = /json/.test(String(r.headers['content-type'] ?? ''));
      return {
        status: r.statusCode,
        body: json && r.body ? JSON.parse(r.body) : r.body,
        headers: r.headers,
        text: r.body,
      };
    },
  });
  return {
    ...instance,
    organisation,
    connection: database.connection,
    dataDir,
    said: lines,
    stranger: visitor(organisation, '', '', {}),
    newOrganisation: (name) => make(name, false),
    again: async (registry) => {
      const other = await open(registry);
      return { ...other, as: (who) => visitor(organisation, who.ref, who.name, who.headers, other.server) };
    },
    person: async (name, roles, org = organisation) => {
      const email = `${name.toLowerCase().replace(/\W+/g, '.')}@${org.slug}.example`;
      const { userId } = await app.identity.createAccount({ email, name, password: PASSWORD });
      const { record } = await createMember(app, org, { name, email, roles, userId });
      const { setCookie } = await app.identity.signIn({
        email,
        password: PASSWORD,
        ip: `127.0.0.${(record.version + Number(record.ref.slice(4))) % 250}`,
      });
      return visitor(org, record.ref, name, { cookie: setCookie.map((c) => c.split(';')[0]).join('; ') });
    },
    key: async (role, by) => {
      const expires = new Date(app.clock.now().getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
      const made = await by.ask('POST', 'apiKey', { label: `${role} key`, role, expires });
      if (made.status !== 201) throw new Error(`no key: ${made.text}`);
      return visitor(organisation, made.body.ref, made.body.title, {
        authorization: `Bearer ${made.body.secret}`,
      });
    },
    close: async () => {
      await instance.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A record made by the engine, past permissions: for arranging, never for the claim of a test. */
export async function given(t: TestInstance, register: string, input: Record<string, unknown>) {
  const done = await createRecord(
    t.app,
    { actor: engineActor(t.organisation) },
    t.app.registry.get(register),
    input,
  );
  return done.record;
}
