import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { member } from '../base/member.ts';
import { codeOf, messageOf } from '../base/thrown.ts';
import { changeFile } from './kept-file.ts';
import { CliError, type CliIo } from './terminal.ts';

/** Where the demo and a fresh installation listen. */
export const DEFAULT_URL = 'http://127.0.0.1:42001';

/** A stored sign-in. `cookie` or `key` is a secret: it goes to `url`'s origin and to nowhere else. */
export interface Profile {
  url: string;
  org: string;
  cookie?: string;
  key?: string;
  /** Who signed in, to be told by `logout` and messages. */
  name?: string;
}

/** What a command talks to, and as whom. */
export interface Connection {
  url: string;
  org: string;
  cookie?: string;
  key?: string;
}

/** Options by which a command line names its connection. */
export interface ConnectionOptions {
  profile?: string;
  url?: string;
  org?: string;
}

const fileOf = (io: CliIo) => join(io.home, '.config', 'openaims', 'profiles.json');

/** All profiles by name; none when the file does not exist. Throws when it is damaged: nothing is overwritten. */
export async function readProfiles(io: CliIo): Promise<Record<string, Profile>> {
  const path = fileOf(io);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw new CliError(`The profiles in ${path} cannot be read: ${messageOf(error)}.`);
  }
  const profiles = parseProfiles(text);
  if (!profiles) throw new CliError(`The file ${path} is damaged; delete it and sign in again.`);
  return profiles;
}

const isProfile = (v: unknown): v is Profile =>
  typeof member(v, 'url') === 'string' && typeof member(v, 'org') === 'string';

function parseProfiles(text: string): Record<string, Profile> | undefined {
  try {
    const profiles: unknown = member(JSON.parse(text), 'profiles') ?? {};
    const list = Object.entries(typeof profiles === 'object' && profiles !== null ? profiles : {});
    const sound = list.filter((one): one is [string, Profile] => isProfile(one[1]));
    return sound.length === list.length ? Object.fromEntries(sound) : undefined;
  } catch {
    return undefined;
  }
}

/** Stores or (with undefined) forgets a profile. The file is readable by its owner alone and replaced as a whole. */
export async function writeProfile(io: CliIo, name: string, profile: Profile | undefined): Promise<void> {
  await changeFile(fileOf(io), async () => {
    const all = new Map(Object.entries(await readProfiles(io)));
    if (profile) all.set(name, profile);
    else all.delete(name);
    return `${JSON.stringify({ profiles: Object.fromEntries(all) }, null, 2)}\n`;
  });
}

/**
 * The connection of a command: options before environment before profile. A stored sign-in is used only towards
 * the server it was made with, so that another address never gets it.
 */
export async function connectionOf(io: CliIo, o: ConnectionOptions): Promise<Connection> {
  const profiles = await readProfiles(io);
  const name = o.profile ?? 'default';
  const stored = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (o.profile && !stored && !io.env.AIMS_KEY) {
    throw new CliError(
      `There is no profile "${name}" (known: ${Object.keys(profiles).join(', ') || 'none'}); make it with: aims --profile ${name} login`,
    );
  }
  const url = serverUrl(o.url ?? io.env.AIMS_URL ?? stored?.url ?? DEFAULT_URL);
  const org = o.org ?? io.env.AIMS_ORG ?? stored?.org ?? 'demo';
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(org)) {
    throw new CliError(`"${org}" cannot name an organisation: expected small letters, digits and dashes.`);
  }
  const same = stored !== undefined && new URL(stored.url).origin === new URL(url).origin;
  // Also the stored key: another server, named by AIMS_URL or --url, would have it for good.
  const key = (o.profile && same ? stored.key : undefined) ?? io.env.AIMS_KEY;
  if (key) return { url, org, key: soundKey(key) };
  if (o.profile && stored && !same)
    throw new CliError(
      `The profile "${name}" is a sign-in at ${stored.url}, and the command goes to ${url}: leave out --url and AIMS_URL, or sign in there with: aims --profile ${name} login --url ${url}`,
    );
  return {
    url,
    org,
    ...(same && stored.cookie ? { cookie: stored.cookie } : {}),
    ...(same && stored.key ? { key: stored.key } : {}),
  };
}

/** Checks an API key's form without repeating it. */
export function soundKey(key: string): string {
  const trimmed = key.trim();
  if (!/^aims_[\x21-\x7e]{8,500}$/.test(trimmed)) {
    throw new CliError('That is not an API key: expected "aims_" and the letters that follow it.');
  }
  return trimmed;
}

/** `127.0.0.1:42001` and `https://aims.example.org/` as an address without a slash at its end. */
export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    !url ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw new CliError(
      `"${text.replace(/\/\/[^/]*@/, '//…@')}" is not the address of a server: expected one such as ${DEFAULT_URL}.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
