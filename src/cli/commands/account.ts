import type { Command } from 'commander';
import type { Me } from '../../answers/account.ts';
import { Client } from '../client.ts';
import { type Context, withConnection } from '../context.ts';
import { connectionOf, type Profile, readProfiles, serverUrl, soundKey, writeProfile } from '../profile.ts';
import { passwordFrom } from '../secrets.ts';
import { CliError, shown } from '../terminal.ts';

type Organisation = Me['organisations'][number];

interface LoginOptions {
  email?: string;
  password?: string;
  passwordStdin?: true;
  key?: string;
}

/** `login` and `logout`. */
export function addAccountCommands(context: Context, program: Command): void {
  addLogin(context, program);
  const logout = withConnection(program.command('logout'))
    .helpGroup('Account:')
    .description('Sign out and forget the stored sign-in.');
  logout.action(async () => signOut(context, logout));
}

function addLogin(context: Context, program: Command): void {
  const login = withConnection(program.command('login'))
    .helpGroup('Account:')
    .summary('Sign in and remember it')
    .description(
      'Sign in with e-mail and password, or store an API key. Kept in ~/.config/openaims/profiles.json, readable by you alone. In a pipeline set AIMS_URL, AIMS_ORG and AIMS_KEY instead; they go before a profile.',
    )
    .option('--email <address>', 'your e-mail address')
    .option('--password-stdin', 'read the password from standard input')
    .option('--password <password>', 'your password (others on this machine may see it; better be asked)')
    .option('--key <key>', 'API key, instead of e-mail and password ("-" reads it from standard input)');
  login.action(async (o: LoginOptions) => {
    const asked = context.connectionOptions(login);
    const name = asked.profile ?? 'default';
    if (!/^[\w.@-]{1,100}$/.test(name) || name === '__proto__')
      throw new CliError(`"${shown(name)}" cannot name a profile.`);
    const stored = (await readProfiles(context.io))[name];
    const url = serverUrl(asked.url ?? context.io.env.AIMS_URL ?? stored?.url ?? 'http://127.0.0.1:42001');
    warnOfPlainHttp(context, url);
    const wanted = asked.org ?? context.io.env.AIMS_ORG;
    const made = o.key !== undefined ? await withKey(context, url, o) : await withPassword(context, url, o);
    const org = chooseOrganisation(made.organisations, wanted);
    const profile: Profile = { url, org: org.slug, ...made.secret, name: made.name };
    await writeProfile(context.io, name, profile);
    const as = name === 'default' ? '' : `; use it with: aims --profile ${name} …`;
    context.terminal.note(shown(`Signed in as ${made.name} to ${org.name} (${org.slug}) at ${url}${as}`));
  });
}

interface SignedIn {
  name: string;
  organisations: readonly Organisation[];
  secret: { cookie: string } | { key: string };
}

async function withPassword(context: Context, url: string, o: LoginOptions): Promise<SignedIn> {
  if (o.email === undefined) throw new CliError('Give --email and a password, or --key.');
  const password = await passwordFrom(context.io, o, `Password of ${shown(o.email)} at ${url}: `);
  const client = new Client({ url, org: 'demo' });
  const response = await client.open('POST /api/v1/sign-in', {}, { email: o.email, password });
  const cookie = cookieOf(response.headers.getSetCookie());
  const text = await response.text();
  if (cookie === '')
    throw new CliError(`${url} accepted the password but gave no session; is it an OpenAIMS server?`);
  const answer: Partial<Me> = JSON.parse(text);
  return { name: answer.name ?? '', organisations: answer.organisations ?? [], secret: { cookie } };
}

async function withKey(context: Context, url: string, o: LoginOptions): Promise<SignedIn> {
  if (o.email !== undefined || o.password !== undefined)
    throw new CliError('Give --key or --email, not both.');
  const given = o.key === '-' ? await passwordFrom(context.io, { passwordStdin: true }, '') : o.key!;
  const key = soundKey(given);
  const me = await new Client({ url, org: 'demo', key }).ask('GET /api/v1/me', {});
  return { name: me.name, organisations: me.organisations, secret: { key } };
}

/** `name=value` of each cookie that is set; one that is being taken away is left out. */
function cookieOf(headers: readonly string[]): string {
  const jar = new Map<string, string>();
  for (const header of headers) {
    const [pair = '', ...attributes] = header.split(';').map((s) => s.trim());
    const at = pair.indexOf('=');
    const gone = attributes.some((a) => /^max-age=(0|-\d+)$/i.test(a));
    if (at > 0 && !gone && at < pair.length - 1) jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return [...jar].map(([k, v]) => `${k}=${v}`).join('; ');
}

function chooseOrganisation(all: readonly Organisation[], wanted: string | undefined): Organisation {
  const found = wanted === undefined ? all[0] : all.find((o) => o.slug === wanted);
  if (found) return found;
  const names = all.map((o) => o.slug).join(', ') || 'none';
  throw new CliError(
    shown(
      wanted === undefined
        ? 'You belong to no organisation there yet.'
        : `You do not belong to "${wanted}" there; you belong to: ${names}.`,
    ),
  );
}

function warnOfPlainHttp(context: Context, url: string): void {
  const { protocol, hostname } = new URL(url);
  const here = ['localhost', '[::1]'].includes(hostname) || /^127\./.test(hostname);
  if (protocol === 'http:' && !here)
    context.terminal.note(`Warning: ${url} is not encrypted; others on the way can read what you send.`);
}

async function signOut(context: Context, command: Command): Promise<void> {
  const asked = context.connectionOptions(command);
  const name = asked.profile ?? 'default';
  const stored = (await readProfiles(context.io))[name];
  if (!stored) throw new CliError(`Nobody is signed in with the profile "${shown(name)}".`);
  let told = '';
  try {
    if (stored.cookie) {
      const connection = await connectionOf({ ...context.io, env: {} }, { profile: name });
      await new Client(connection).open('POST /api/v1/sign-out', {});
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    told = ` The server could not be told: ${error.message}`;
  }
  await writeProfile(context.io, name, undefined);
  context.terminal.note(`Signed out ${shown(stored.name ?? name)}.${told}`);
}
