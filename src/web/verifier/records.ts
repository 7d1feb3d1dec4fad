import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import canonicalize from 'canonicalize';
import { checkInclusion, leafHash } from '../proof/merkle.ts';
import { fromBase64, toHex } from '../proof/note.ts';
import { type Findings, need, type Place, placeText } from './findings.ts';
import type { Histories } from './histories.ts';
import type { PackLog } from './log.ts';
import { PREFIXES } from './prefixes.ts';
import {
  asList,
  asObject,
  asText,
  asTexts,
  asWhole,
  exactly,
  type Json,
  jsonObject,
  lineObject,
  utf8,
} from './reading.ts';
import type { PackFiles } from './zip.ts';

/** The records that are files: each names its file by its digest. */
const EVIDENCE = 'records/evidence.jsonl';

const SHOWN = ['values', 'people', 'text'];

/**
 * 0.1.0 read the clock twice for changes of several records at once: rows of such versions say a time up to some seconds after their entry's.
 * The entry's time is what is signed, and the difference is told. Where the log says that rows carry the time of their entries none may be late.
 */
const LATE_MS = 10_000;
const LATE_NAMED = 100;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What the parts of a version say, after they opened their commitments. */
interface Opened {
  values: Json;
  links: Json;
  erased: string[];
}

/** The records of a pack, checked against the entries of its logs. */
export class Records {
  readonly refs = new Set<string>();
  readonly ids = new Set<string>();
  versions = 0;
  erased = 0;
  /** Records whose present state was ahead of the log when the pack was made. */
  uncompared = 0;
  /** Versions whose rows say a time a little after their entry's, in words; the first hundred. */
  readonly late: string[] = [];
  lateCount = 0;
  /** SHA-256 of the evidence files, and the records that are these files. */
  readonly evidence = new Map<string, { ref: string; fileName: string }>();
  /** Signed statements by reference, as their records committed to them. */
  readonly statements = new Map<string, string>();

  readonly #logs: Map<number, PackLog>;
  readonly #histories: Histories;
  readonly #findings: Findings;
  readonly #asOf: boolean;

  constructor(logs: readonly PackLog[], histories: Histories, asOf: boolean, findings: Findings) {
    this.#logs = new Map(logs.map((log) => [log.number, log]));
    this.#histories = histories;
    this.#asOf = asOf;
    this.#findings = findings;
  }

  /** Checks one file of records, line by line. */
  async read(files: PackFiles, file: string): Promise<void> {
    await this.#findings.attempt({ file }, async () => {
      let line = 0;
      let before = 0;
      let prefix = PREFIXES[file.slice('records/'.length, -'.jsonl'.length)] ?? '';
      for await (const bytes of files.lines(file)) {
        line += 1;
        await this.#findings.attempt({ file, line }, async () => {
          const r = exactly(lineObject(bytes), 'ref id register number present versions', 'the line');
          const ref = asText(r.ref, '"ref"');
          const number = asWhole(r.number, '"number"');
          prefix ||= ref.split('-')[0]!;
          need(
            file === `records/${asText(r.register, '"register"')}.jsonl`,
            `${ref} is of register ${String(r.register)}`,
          );
          need(number > before, `number ${number} stands after number ${before}`);
          before = number;
          need(
            ref === `${prefix}-${String(number).padStart(4, '0')}`,
            `"${ref}" does not fit number ${number}`,
          );
          await this.#record(r, ref, { file, line, ref });
        });
      }
    });
  }

  async #record(r: Json, ref: string, place: Place): Promise<void> {
    const id = asText(r.id, '"id"');
    need(!this.refs.has(ref) && !this.ids.has(id), `${ref} is in the pack twice`);
    this.refs.add(ref);
    this.ids.add(id);
    const versions = asList(r.versions, '"versions"');
    need(versions.length > 0, `${ref} has no version`);
    let last = 0;
    let newest: { version: Json; opened: Opened } | undefined;
    for (const item of versions) {
      const v = asObject(item, 'a version');
      const at: Place = { ...place };
      if (typeof v.version === 'number') at.version = v.version;
      if (typeof v.index === 'number') at.entry = v.index;
      if (typeof v.log === 'number' && !this.#logs.get(v.log)?.present) at.log = v.log;
      const opened: Opened = { values: {}, links: {}, erased: [] };
      newest = { version: v, opened };
      this.versions += 1;
      await this.#findings.step(4);
      await this.#findings.attempt(at, () => {
        const number = asWhole(v.version, '"version"');
        need(number > last, `it stands after version ${last}`);
        last = number;
        this.#version(r, v, at, opened);
      });
    }
    await this.#findings.attempt(place, () => {
      if (r.present !== null) checkPresent(r.present, r.ref, newest!.version, newest!.opened);
      else if (!this.#asOf) this.uncompared += 1;
    });
  }

  /** A version is the one its entry commits to, and the entry is in the signed tree. */
  #version(r: Json, v: Json, at: Place, opened: Opened): void {
    exactly(v, 'version log index at act transition state actor digest proof parts erased', 'a version');
    const log = this.#logs.get(asWhole(v.log, '"log"'));
    need(log !== undefined, `the pack has no log ${String(v.log)}`);
    const index = asWhole(v.index, '"index"');
    need(index < log.size, `log ${log.number} has only ${log.size} entries`);
    const bytes = log.entries[index];
    need(bytes !== undefined, 'the entry is missing');
    const entry = jsonObject(utf8(bytes), 'the entry');
    const same = (name: string, says: unknown, is: unknown) =>
      need(says === is, `${name} is ${show(says)}, in the entry it is ${show(is)}`);
    for (const name of ['id', 'register', 'number']) same(name, r[name], entry[name]);
    for (const name of ['version', 'act', 'state']) same(name, v[name], entry[name]);
    const ms = index < log.exactFrom ? lateBy(v.at, entry) : undefined;
    if (ms === undefined) same('at', v.at, entry.at);
    else this.#tellLate(at, ms);
    same('transition', v.transition, entry.transition ?? null);
    need(
      index < log.shown,
      'the entry came after the state that the pack shows: this version was not there then',
    );
    need(log.seen[index] === 0, 'the entry is shown twice');
    log.seen[index] = 1;
    same('digest', v.digest, `sha256:${toHex(sha256(bytes))}`);
    const path = asTexts(v.proof, '"proof"').map((text) => fromBase64(text) ?? new Uint8Array(0));
    need(
      checkInclusion(index, log.size, leafHash(bytes), path, log.root),
      'the entry or its proof was changed: it does not lead to the signed root',
    );
    this.#parts(r, v, asObject(entry.c, '"c" of the entry'), log, index, opened);
  }

  #tellLate(at: Place, ms: number): void {
    this.lateCount += 1;
    if (this.late.length < LATE_NAMED) this.late.push(`${placeText(at)}: ${ms} ms later`);
  }

  #parts(r: Json, v: Json, committed: Json, log: PackLog, index: number, opened: Opened): void {
    const parts = asObject(v.parts, '"parts"');
    opened.erased = asTexts(v.erased, '"erased"');
    this.erased += opened.erased.length;
    need(new Set(opened.erased).size === opened.erased.length, '"erased" names a group twice');
    const unknown = [...Object.keys(parts), ...opened.erased].find((g) => !Object.hasOwn(committed, g));
    need(unknown === undefined, `the entry does not hold "${unknown}"`);
    for (const group of Object.keys(committed)) {
      const there = Object.hasOwn(parts, group);
      const gone = this.#histories.wasErased(log.origin, index, group);
      need(there !== opened.erased.includes(group), `"${group}" must be in "parts" or in "erased"`);
      need(there || gone, `"${group}" is missing, and no entry says that it was erased`);
      need(!there || !gone, `"${group}" was erased by an entry, and is still there`);
    }
    for (const [group, item] of Object.entries(parts)) {
      const part = exactly(item, 'salt json', `"${group}"`);
      const salt = asText(part.salt, `the salt of "${group}"`);
      need(/^[0-9a-f]{64}$/.test(salt), `the salt of "${group}" is not 32 bytes`);
      const json = asText(part.json, `"${group}"`);
      const message = new TextEncoder().encode(`aims-commit/v1\n${group}\n${json}`);
      need(json.isWellFormed(), `"${group}" is no proper text`);
      need(
        toHex(hmac(sha256, fromHex(salt), message)) === committed[group],
        `"${group}" is not what the entry committed to`,
      );
      this.#said(r, v, group, json, opened);
    }
  }

  #said(r: Json, v: Json, group: string, json: string, opened: Opened): void {
    if (group === 'reason') return;
    const value = jsonObject(json, `"${group}"`);
    if (group === 'actor')
      need(value.ref === v.actor, `"actor" is ${show(v.actor)}, the entry committed to ${show(value.ref)}`);
    if (group === 'links') Object.assign(opened.links, value);
    if (!SHOWN.includes(group)) return;
    Object.assign(opened.values, value);
    const file = /^sha256:([0-9a-f]{64})$/.exec(String(value.file))?.[1];
    if (`records/${String(r.register)}.jsonl` === EVIDENCE && file !== undefined)
      this.evidence.set(file, { ref: String(r.ref), fileName: String(value.fileName ?? '') });
    if (typeof value.attestation === 'string') this.statements.set(String(r.ref), value.attestation);
  }

  /** Every version that was entered in the state shown is in the pack. */
  async complete(whole: boolean): Promise<void> {
    for (const log of this.#logs.values()) {
      for (let index = 0; index < log.shown; index++) {
        const id = log.of[index];
        if (id === undefined || log.seen[index] === 1 || !(whole || this.ids.has(id))) continue;
        const n = this.#histories.newest.get(id);
        this.#findings.add(
          { entry: index, ...(log.present ? {} : { log: log.number }) },
          `no version in records/ shows it; it is of ${n?.register} number ${n?.number}`,
        );
      }
      await this.#findings.step();
    }
  }
}

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const show = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 200);

/**
 * What the record said when the pack was made is what its newest version says, and nothing besides. Of the newest version nothing that a row shows
 * is ever erased.
 */
function checkPresent(said: unknown, ref: unknown, newest: Json, { values, links }: Opened): void {
  const present = exactly(said, 'version state title values derived links', 'the present record');
  const same = (a: unknown, b: unknown) => canonicalize(a) === canonicalize(b);
  for (const name of ['version', 'state'])
    need(
      present[name] === newest[name],
      `its present ${name} is ${show(present[name])}, in the newest version it is ${show(newest[name])}`,
    );
  const shown = asObject(present.values, 'the present values');
  for (const name of new Set([...Object.keys(values), ...Object.keys(shown)]))
    need(
      Object.hasOwn(shown, name) === Object.hasOwn(values, name) && same(shown[name], values[name]),
      `its present "${name}" is ${show(shown[name])}, in the newest version it is ${show(values[name])}`,
    );
  const linked = asObject(present.links, 'the present links');
  for (const name of new Set([...Object.keys(links), ...Object.keys(linked)]))
    need(
      Object.hasOwn(linked, name) === Object.hasOwn(links, name) && same(linked[name], links[name]),
      `its present link "${name}" is ${show(linked[name])}, in the newest version it is ${show(links[name])}`,
    );
  const title = asText(present.title, 'the title');
  need(
    title === ref || Object.values(values).some((v) => typeof v === 'string' && isTitleOf(title, v)),
    'its title is none of its values',
  );
}

/** Long values are cut. */
const isTitleOf = (title: string, value: string): boolean =>
  title === value || (title.length >= 150 && value.startsWith(title));

/** By how many milliseconds a row is later than its entry, where that is the known fault. */
function lateBy(row: unknown, entry: Json): number | undefined {
  const at = entry.at;
  if (entry.act === 'import' || typeof row !== 'string' || typeof at !== 'string') return undefined;
  if (!INSTANT.test(row) || !INSTANT.test(at)) return undefined;
  const ms = Date.parse(row) - Date.parse(at);
  return ms > 0 && ms <= LATE_MS && new Date(row).toISOString() === row ? ms : undefined;
}
