import { type Findings, quoted } from '../findings.ts';
import { type ComponentKind, MOST_COMPONENTS, type ProposedComponent } from './model.ts';

/** Longest texts that a record of a component takes. */
const MOST = {
  name: 160,
  version: 120,
  licence: 120,
  rights: 4_000,
  provenance: 8_000,
  quality: 8_000,
  source: 2_000,
};

/** Collects proposals of one file, with keys that are unique and texts that fit. */
export class Proposals {
  readonly list: ProposedComponent[] = [];
  readonly #byKey = new Map<string, ProposedComponent>();
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Adds one; undefined when it has no name or there are too many already. */
  add(c: { key: string; place: string; name: string; kind: ComponentKind }): ProposedComponent | undefined {
    const name = line(c.name);
    if (name === '') {
      this.#findings.flag('no-name', c.place, 'A component without a name is left out.');
      return undefined;
    }
    if (this.list.length >= MOST_COMPONENTS) {
      this.#findings.refuse(
        'too-many-components',
        c.place,
        `The file has more than ${MOST_COMPONENTS} components, the most that are proposed at once; split it.`,
      );
      return undefined;
    }
    let key = c.key.slice(0, 300) || c.place;
    if (this.#byKey.has(key)) {
      this.#findings.flag(
        'duplicate-reference',
        c.place,
        `Two components are called ${quoted(key)} in the file; references to it mean the first.`,
      );
      key = `${key}#${this.list.length + 1}`;
    }
    const made: ProposedComponent = {
      key,
      place: c.place,
      name: this.cut(name, 'name', c.place) ?? name,
      kind: c.kind,
      version: null,
      digest: null,
      source: null,
      licence: null,
      rights: null,
      provenance: null,
      quality: null,
      supplier: null,
      derivedFrom: [],
    };
    this.list.push(made);
    this.#byKey.set(key, made);
    return made;
  }

  has(key: string): boolean {
    return this.#byKey.has(key.slice(0, 300));
  }

  /** A text as a record takes it: no control characters, no blanks around it, not too long; null when nothing is left. */
  cut(text: string | null | undefined, what: keyof typeof MOST, place: string): string | null {
    if (text === null || text === undefined) return null;
    const long = what === 'rights' || what === 'provenance' || what === 'quality';
    const clean = long ? block(text) : line(text);
    if (clean === '') return null;
    if (clean.length <= MOST[what]) return clean;
    this.#findings.flag(
      'cut',
      place,
      `Its ${what} is longer than the ${MOST[what]} characters that are kept; the rest is cut.`,
    );
    return clean
      .slice(0, MOST[what] - 1)
      .toWellFormed()
      .trimEnd();
  }

  /** Takes away what points nowhere, at itself, or closes a circle: nothing comes from itself. */
  settle(): void {
    const state = new Map<string, 'open' | 'done'>();
    for (const c of this.list) {
      const known = [...new Set(c.derivedFrom)].filter((k) => {
        if (this.#byKey.has(k) && k !== c.key) return true;
        this.#findings.flag(
          'unknown-reference',
          c.place,
          `${quoted(c.name)} is said to come from ${quoted(k)}, which is ${k === c.key ? 'itself' : 'not in the file'}.`,
        );
        return false;
      });
      c.derivedFrom = known.slice(0, 200);
    }
    // By hand rather than by calls: a chain may be thousands long.
    for (const root of this.list) {
      if (state.has(root.key)) continue;
      const path: { c: ProposedComponent; next: number }[] = [{ c: root, next: 0 }];
      state.set(root.key, 'open');
      while (path.length > 0) {
        const top = path.at(-1)!;
        const key = top.c.derivedFrom[top.next];
        if (key === undefined) {
          state.set(top.c.key, 'done');
          path.pop();
        } else if (state.get(key) === 'open') {
          this.#findings.flag(
            'circular',
            top.c.place,
            `${quoted(top.c.name)} is said to come from ${quoted(key)}, which itself comes from it; that link is left out.`,
          );
          top.c.derivedFrom.splice(top.next, 1);
        } else {
          top.next += 1;
          if (!state.has(key)) {
            state.set(key, 'open');
            path.push({ c: this.#byKey.get(key)!, next: 0 });
          }
        }
      }
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken away
const CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u2028\u2029]/g;
const block = (text: string): string =>
  text.replace(CONTROLS, '').replaceAll('\r\n', '\n').toWellFormed().trim();
const line = (text: string): string => block(text).replace(/\s+/g, ' ');

/** `https://…` as it stands; null for anything else. Never fetched. */
export function webAddress(text: string | null): string | null {
  if (text === null || text.length > 2_000 || !/^https?:\/\/[^\s]+$/.test(text) || !URL.canParse(text))
    return null;
  return text;
}

const LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** A digest as records hold it; null when alphabet or length are not those of its name. */
export function digestText(algorithm: string, hex: string): string | null {
  const name = algorithm.toLowerCase().replace(/[^a-z0-9]/g, '');
  const value = hex.trim().toLowerCase();
  return LENGTHS[name] === value.length && /^[0-9a-f]+$/.test(value) ? `${name}:${value}` : null;
}
