import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Front } from './api/front.ts';
import { Failure } from './base/failure.ts';
import { messageOf, thrown } from './base/thrown.ts';
import { demoAccess, loadDemo } from './demo/index.ts';
import { openInstance } from './instance.ts';
import { Outgoing } from './outgoing/index.ts';
import { registry } from './registers/index.ts';
import type { Connection } from './store/db/database.ts';
import type { Logins } from './store/db/logins.ts';
import { demandReachable } from './store/db/reachable.ts';
import { defaultDataDir, type EmbeddedPostgres, startEmbedded } from './store/embedded/index.ts';

export interface StartOptions {
  args: string[];
  /** Folder of the package. */
  root: string;
  cwd: string;
  databaseUrl?: string | undefined;
  /** How requests log in to that database, where this program may not make the roles for it. */
  appUrl?: string | undefined;
  identityUrl?: string | undefined;
  out: (line: string) => void;
  onSignal: (stop: () => void) => void;
}

const HELP = `aims start: runs the server

  --port N        port; 42001 unless told
  --host H        address to listen on; 127.0.0.1 unless told
  --url URL       address that people use, for links and the log's name; needed with --host
  --trust-proxy LIST  addresses or networks of proxies before the server, such as 10.0.0.5,10.20.0.0/16; only they are believed
                  about who asks
  --names LIST    further host names that people use, beside the one of --url
  --data DIR      folder of database, evidence files and keys
  --allow-private LIST  hosts and networks within your own walls that witnesses and time-stamping authorities may be at,
                  such as tsa.internal,10.20.0.0/16; without it only public addresses are asked
  --demo          loads the demo organisation (on this machine only)
  DATABASE_URL    in the environment: use this PostgreSQL (15 or newer) instead of the one that comes along; logs in
                  as the owner of the database, for the start
  DATABASE_APP_URL, DATABASE_IDENTITY_URL
                  how requests log in to it, where the owner may not make roles`;

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  url: { type: 'string' },
  data: { type: 'string' },
  'allow-private': { type: 'string' },
  'trust-proxy': { type: 'string' },
  names: { type: 'string' },
  demo: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Settings {
  port: number;
  host: string;
  url: string;
  data: string;
  demo: boolean;
  allowPrivate: string[];
  front: { trustProxy: string[]; names: string[] };
}

/** Starts server and database; returns the exit code when both have stopped. */
export async function start(o: StartOptions): Promise<number> {
  let settings: Settings;
  try {
    const { values } = parseArgs({ args: o.args, options: FLAGS, allowPositionals: false });
    if (values.help) {
      o.out(HELP);
      return 0;
    }
    settings = settingsOf(o, values);
  } catch (error) {
    o.out(`${messageOf(error)}\n\n${HELP}`);
    return 2;
  }
  let stop: () => void = () => {};
  const stopped = new Promise<void>((done) => {
    stop = done;
  });
  o.onSignal(stop);
  let database: EmbeddedPostgres | undefined;
  let instance: Awaited<ReturnType<typeof openInstance>> | undefined;
  try {
    let connection: Connection;
    const logins = loginsOf(o);
    if (o.databaseUrl) {
      await demandReachable(named(o, o.databaseUrl));
      connection = { connectionString: o.databaseUrl };
    } else {
      database = await startEmbedded({ dataDir: settings.data, log: (line) => o.out(`database: ${line}`) });
      connection = database.connection;
    }
    instance = await openInstance({
      connection,
      logins,
      dataDir: settings.data,
      migrations: join(o.root, 'migrations'),
      registry,
      allowPrivate: settings.allowPrivate,
      front: settings.front,
      baseUrl: settings.url,
      site: join(o.root, 'dist', 'web'),
      intakeScript: join(o.root, 'dist', 'server', 'intake-worker.mjs'),
      version: (JSON.parse(readFileSync(join(o.root, 'package.json'), 'utf8')) as { version: string })
        .version,
      demo: settings.demo ? demoAccess(join(o.root, 'demo')) : undefined,
      log: o.out,
    });
    // The sign-in library takes half a second to load: not while somebody waits for it.
    void instance.app.identity.warmUp();
    if (settings.demo) await loadDemo(instance.app, join(o.root, 'demo'), o.out);
    await instance.server.listen({ port: settings.port, host: settings.host });
    o.out(`\nOpenAIMS is ready at ${settings.url}`);
    if (openlySpoken(settings.url))
      o.out(
        `Warning: ${settings.url} is not encrypted, so passwords and cookies can be read on their way. Put a proxy with a certificate before this server and give its https:// address as --url (docs/guide/behind-a-proxy.md).`,
      );
    if (settings.demo)
      o.out('This is the demo organisation: its people sign in with the password shown on the sign-in page.');
    else if (!(await instance.app.identity.hasAccounts()))
      o.out(
        `First run: open ${settings.url}/#/first-run?token=${instance.firstRunToken}\n(the link works once, until the next start)`,
      );
    o.out('Stop with Ctrl-C.\n');
    await stopped;
    o.out('Stopping…');
    return 0;
  } catch (error) {
    o.out(sentence(error, settings));
    return 1;
  } finally {
    await instance?.close().catch((e: Error) => o.out(`closing: ${e.message}`));
    await database?.stop();
  }
}

/** Both or neither: the one half must not fall back to the rights of the other. */
function loginsOf(o: StartOptions): Logins | undefined {
  const { appUrl, identityUrl } = o;
  if (!appUrl && !identityUrl) return undefined;
  if (!o.databaseUrl || !appUrl || !identityUrl)
    throw new Failure(
      'BAD_INPUT',
      'DATABASE_APP_URL and DATABASE_IDENTITY_URL go together, and with DATABASE_URL: set all three, or DATABASE_URL alone.',
    );
  return { app: { connectionString: appUrl }, identity: { connectionString: identityUrl } };
}

/** The databases that the environment names, by setting. */
const named = (o: StartOptions, owner: string): Record<string, string> => ({
  DATABASE_URL: owner,
  ...(o.appUrl ? { DATABASE_APP_URL: o.appUrl } : {}),
  ...(o.identityUrl ? { DATABASE_IDENTITY_URL: o.identityUrl } : {}),
});

function settingsOf(
  o: StartOptions,
  v: {
    port?: string;
    host?: string;
    url?: string;
    data?: string;
    demo?: boolean;
    'allow-private'?: string;
    'trust-proxy'?: string;
    names?: string;
  },
): Settings {
  const port = Number(v.port ?? '42001');
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`--port: expected a number from 1 to 65535, got ${v.port}`);
  const host = v.host ?? '127.0.0.1';
  const loopback = ['127.0.0.1', 'localhost', '::1'].includes(host);
  if (v.demo && !loopback)
    throw new Error(
      '--demo serves people with a known password and so listens on this machine only; leave --host out',
    );
  if (!loopback && !v.url)
    throw new Error(
      '--host needs --url: the address under which people reach this server, such as https://aims.example.com',
    );
  if (v.url && !(/^https?:\/\//.test(v.url) && URL.canParse(v.url)))
    throw new Error('--url: expected an address that begins with https:// or http://');
  const url = (v.url ?? `http://127.0.0.1:${port}`).replace(/\/+$/, '');
  const data = v.data ? resolve(o.cwd, v.data) : `${defaultDataDir(o.root)}${v.demo ? '-demo' : ''}`;
  const allowPrivate = v['allow-private']?.split(',') ?? [];
  // Read here, so that what cannot be read is told before anything starts.
  new Outgoing(allowPrivate);
  const listed = (text: string | undefined) => (text ? text.split(',').map((one) => one.trim()) : []);
  const front = { trustProxy: listed(v['trust-proxy']), names: listed(v.names) };
  new Front({ baseUrl: url, ...front, log: o.out });
  return { port, host, url, data, demo: v.demo ?? false, allowPrivate, front };
}

/** An address without encryption that leads beyond this machine. */
function openlySpoken(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function sentence(error: unknown, s: Settings): string {
  const e = thrown(error);
  if (e.code === 'EADDRINUSE')
    return `Port ${s.port} is taken by another program; choose another with --port N.`;
  if (e.code === 'EACCES')
    return `Port ${s.port} may not be used by this user; choose one above 1023 with --port N.`;
  if (error instanceof Failure) return error.message;
  return `Start failed: ${messageOf(error)}`;
}
