import { Failure } from '../base/failure.ts';
import { decodeBase64, decodeDecimal } from './base64.ts';
import { witnessFromVkey } from './cosignature.ts';
import { verifierFromVkey } from './keys.ts';

/** Longest policy that is read, in characters, and most lines of one kind; the standard asks for at least 32. */
const MAX_CHARS = 1_000_000;
const MAX_LINES = 1000;

/** A log whose checkpoints are believed; the name of its key is its origin. One origin may have several keys. */
export interface PolicyLog {
  vkey: string;
  url?: string;
}

/** A witness under the name that this file calls it by. */
export interface PolicyWitness {
  name: string;
  vkey: string;
  url?: string;
}

/** Holds when at least `threshold` of its members do. */
export interface PolicyGroup {
  name: string;
  threshold: number;
  /** Names of witnesses and groups that stand before it. */
  members: string[];
}

/** Which checkpoints a verifier believes: signed by any one of the logs, and cosigned as the quorum says. */
export interface LogPolicy {
  logs: PolicyLog[];
  witnesses: PolicyWitness[];
  /** In the order of their lines: a group speaks only of groups before it. */
  groups: PolicyGroup[];
  /** Name of a witness or group, or `none`. */
  quorum: string;
}

/**
 * Reads a policy file (C2SP tlog-policy). Lines, items apart by spaces or tabs, `#` begins a comment line:
 *
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> <number|any|all> <name>...
 *     quorum <name|none>                         (exactly one)
 *
 * Fails INVALID, naming the line, on anything else: a policy that is half understood would believe too much.
 */
export function parsePolicy(text: string): LogPolicy {
  if (text.length > MAX_CHARS) throw bad(`a policy has at most ${MAX_CHARS} characters, got ${text.length}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  const control = /[\u0000-\u0008\u000b-\u001f\u007f\p{Cs}]/u.exec(text);
  if (control !== null) {
    const code = control[0].codePointAt(0)!.toString(16).padStart(4, '0').toUpperCase();
    const hint = code === '000D' ? '; save the file with Unix line endings' : '';
    throw bad(`a policy holds no control character but tabs and newlines, got U+${code}${hint}`);
  }
  // Without its newline the last line may have been cut off, and a shorter name may be another name.
  if (!text.endsWith('\n')) throw bad('a policy ends with a newline; this file was cut off');
  const reader = new PolicyReader();
  text
    .slice(0, -1)
    .split('\n')
    .forEach((line, i) => {
      const items = line.split(/[ \t]+/).filter((item) => item !== '');
      if (items.length > 0 && !items[0]!.startsWith('#')) reader.take(items, i + 1);
    });
  return reader.policy();
}

/** Text of a policy file. Fails INVALID when `parsePolicy` would not read the same policy from it. */
export function formatPolicy(policy: LogPolicy): string {
  const { logs, witnesses, groups, quorum } = policy;
  const url = (of: { url?: string }) => (of.url === undefined ? [] : [of.url]);
  const lines = [
    ...logs.map((log) => ['log', log.vkey, ...url(log)]),
    ...witnesses.map((w) => ['witness', w.name, w.vkey, ...url(w)]),
    ...groups.map((g) => ['group', g.name, thresholdText(g), ...g.members]),
    ['quorum', quorum],
  ];
  for (const item of lines.flat()) {
    if (item === '' || /[ \t\n]/.test(item))
      throw bad(`${JSON.stringify(item)} cannot stand in a policy: it is empty or has spaces`);
  }
  const text = lines.map((items) => `${items.join(' ')}\n`).join('');
  parsePolicy(text);
  return text;
}

function thresholdText(group: PolicyGroup): string {
  if (group.threshold === 1) return 'any';
  return group.threshold === group.members.length ? 'all' : String(group.threshold);
}

/** Takes the lines one after another; what a line names must stand before it, so that nothing is circular. */
class PolicyReader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #groups: PolicyGroup[] = [];
  #quorum: string | undefined;
  /** Names given so far; true once a group counts them, because nobody may be counted in two ways. */
  readonly #names = new Map<string, boolean>();
  readonly #keys = { log: new Set<string>(), witness: new Set<string>() };

  take([keyword, ...items]: string[], line: number): void {
    const at = (message: string) => bad(`line ${line} of the policy: ${message}`);
    try {
      if (keyword === 'log') this.#log(items);
      else if (keyword === 'witness') this.#witness(items);
      else if (keyword === 'group') this.#group(items);
      else if (keyword === 'quorum') this.#setQuorum(items);
      else throw bad(`expected "log", "witness", "group" or "quorum", got ${shown(keyword)}`);
    } catch (error) {
      throw error instanceof Failure ? at(error.message) : error;
    }
  }

  policy(): LogPolicy {
    if (this.#quorum === undefined) {
      throw bad('the policy has no "quorum" line; write "quorum none" when no witness has to sign');
    }
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum };
  }

  #log(items: string[]): void {
    const [vkey, url] = items;
    if (vkey === undefined || items.length > 2) throw bad('expected "log <vkey> [<url>]"');
    verifierFromVkey(vkey);
    this.#addKey('log', vkey);
    add(this.#logs, url === undefined ? { vkey } : { vkey, url });
  }

  #witness(items: string[]): void {
    const [name, vkey, url] = items;
    if (name === undefined || vkey === undefined || items.length > 3) {
      throw bad('expected "witness <name> <vkey> [<url>]"');
    }
    witnessFromVkey(vkey);
    this.#addName(name);
    this.#addKey('witness', vkey);
    add(this.#witnesses, url === undefined ? { name, vkey } : { name, vkey, url });
  }

  #group([name, count, ...members]: string[]): void {
    if (name === undefined || count === undefined || members.length === 0) {
      throw bad('expected "group <name> <number|any|all> <name>..." with at least one member');
    }
    const threshold = count === 'any' ? 1 : count === 'all' ? members.length : decodeDecimal(count);
    if (threshold === undefined || threshold < 1 || threshold > members.length) {
      throw bad(`expected "any", "all" or a number from 1 to ${members.length}, got ${shown(count)}`);
    }
    for (const member of members) {
      const counted = this.#names.get(member);
      if (counted === undefined) throw bad(`no line before this one defines ${shown(member)}`);
      if (counted) throw bad(`${shown(member)} is a member already: nobody is counted twice`);
      this.#names.set(member, true);
    }
    this.#addName(name);
    add(this.#groups, { name, threshold, members });
  }

  #setQuorum(items: string[]): void {
    const [name] = items;
    if (name === undefined || items.length > 1) throw bad('expected "quorum <name>"');
    if (this.#quorum !== undefined) throw bad('there is a "quorum" line already, and only one may be');
    if (name !== 'none' && !this.#names.has(name))
      throw bad(`no line before this one defines ${shown(name)}`);
    this.#quorum = name;
  }

  #addName(name: string): void {
    if (name === 'none') throw bad('"none" cannot be a name: it means that no witness has to sign');
    // What was not UTF-8 reads as this character: two different names would look alike.
    if (name.includes('\ufffd')) throw bad('the name is not UTF-8');
    if (this.#names.has(name)) throw bad(`${shown(name)} is defined already`);
    this.#names.set(name, false);
  }

  /** The same key under two names is one signer, who must not count as two. */
  #addKey(kind: 'log' | 'witness', vkey: string): void {
    const material = decodeBase64(vkey.slice(vkey.indexOf('+', vkey.indexOf('+') + 1) + 1));
    const key = material!.subarray(1).toString('hex');
    if (this.#keys[kind].has(key)) throw bad(`another ${kind} has this public key already`);
    this.#keys[kind].add(key);
  }
}

function add<T>(list: T[], item: T): void {
  if (list.length === MAX_LINES) throw bad(`a policy has at most ${MAX_LINES} lines of one kind`);
  list.push(item);
}

function shown(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 100));
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
