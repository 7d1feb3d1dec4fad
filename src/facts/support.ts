import { catalogue, type Sentence } from '../base/sentence.ts';
import type { Rec } from '../register/rec.ts';
import type { Register, Registry, Shown } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { registers } from '../registers/index.ts';
import { LATEST, LATEST_ON, onRightSide, takesReadings } from '../registers/with-readings.ts';
import type { Facts } from './facts.ts';
import { back, type Hop, out, type Reads, reads, some } from './reads.ts';

/** For so many days evidence and readings show how something is; what is older shows how it was. Ours, not the standard's. */
export const SHOWS_FOR_DAYS = 365;

/** Why something that is there shows nothing. */
const why = catalogue('support.why', {
  state: '{ref} is {state}',
  ended: '{ref} held until {day}',
  old: '{ref} is of {day}, more than {days} days ago',
  erased: '{ref} was erased',
  noReading: '{ref} has no reading',
  outside: '{ref} read {value} on {day}, which is on the wrong side of its limit',
  template: '{ref} is still the text of a template',
  same: '{ref} only repeats what the record says itself',
});

/** What shows that something was done, and why the rest of what is there does not. */
export interface Support {
  readonly by: readonly string[];
  readonly not: readonly Sentence[];
}

/** A record as a write would leave it. */
type Looked = Pick<Rec, 'ref' | 'derived'> & Contents;

const EVIDENCE = registers.evidence.name;

/** The ways from a record of this register to what may show a claim: any evidence that it names or that names it, and what else the step says. */
export const supportReads = (registry: Registry, register: Register, { by }: Shown): Reads =>
  reads(register, {
    hops: [
      back(registers.evidence),
      ...namingSupport(register, by).map((link) => out(register, link)),
      ...waysOf(by).flatMap(({ via }): Hop[] => {
        const way = wayBack(registry, register, via);
        return way ? [some(way.register, way.link, { as: via })] : [];
      }),
    ],
  });

const waysOf = (by: Shown['by']) => (by === 'readings' ? [] : by);

const wayBack = (registry: Registry, register: Register, via: string) =>
  registry.inversesOf(register.name).find((i) => i.inverse === via);

const namingSupport = ({ links }: Register, by: Shown['by']): string[] =>
  Object.entries(links).flatMap(([name, l]) =>
    l.to === EVIDENCE || waysOf(by).some((w) => w.via === name) ? [name] : [],
  );

/** What a record itself names that may show the claim: to be read beside it, where a write would have it name others. */
export const namedAsSupport = (register: Register, contents: Contents, { by }: Shown): string[] =>
  namingSupport(register, by).flatMap((name) => contents.links[name] ?? []);

/**
 * What shows that a step's claim is true: the one place that says what counts. Evidence that is neither withdrawn, erased, ended nor too old; records in the states
 * that the step names; the newest reading where records take readings. Text shows nothing where it is that of a template, or the record's own once more.
 */
export function supportOf(
  facts: Facts,
  registry: Registry,
  register: Register,
  record: Looked,
  { by }: Shown,
): Support {
  const { today } = facts;
  if (by === 'readings') return told([[record.ref, readingFault(record, today)]]);
  const named = (link: string) =>
    facts.found(registry.get(register.links[link]!.to)).filter((r) => record.links[link]?.includes(r.ref));
  const evidence = new Map(
    [
      ...facts.back(record, registers.evidence),
      ...Object.keys(register.links).flatMap((l) => (register.links[l]!.to === EVIDENCE ? named(l) : [])),
    ].map((e) => [e.ref, evidenceFault(e, today)]),
  );
  const beside = by.flatMap(({ via, states }) => {
    const way = wayBack(registry, register, via);
    const to = way?.register ?? registry.get(register.links[via]!.to);
    const faultOf = (r: Rec) =>
      !states.includes(r.state)
        ? why('state', { ref: r.ref, state: r.state })
        : takesReadings(to)
          ? readingFault(r, today)
          : textFault(r, record);
    return (way ? facts.some(record, via, to) : named(via)).map((r) => [r.ref, faultOf(r)] as const);
  });
  return told([...evidence, ...beside]);
}

const told = (all: readonly (readonly [ref: string, fault: Sentence | undefined])[]): Support => ({
  by: all.flatMap(([ref, fault]) => (fault ? [] : [ref])),
  not: all.flatMap(([, fault]) => fault ?? []),
});

const dayIn = (v: unknown): string | undefined => (typeof v === 'string' ? v.slice(0, 10) : undefined);

function tooOld(ref: string, day: string | undefined, today: string): Sentence | undefined {
  const first = new Date(Date.parse(`${today}T00:00:00Z`) - SHOWS_FOR_DAYS * 86_400_000);
  return day !== undefined && day < first.toISOString().slice(0, 10)
    ? why('old', { ref, day, days: SHOWS_FOR_DAYS })
    : undefined;
}

function evidenceFault({ ref, state, values }: Rec, today: string): Sentence | undefined {
  if (registers.evidence.ended.some((s) => s === state)) return why('state', { ref, state });
  if (values.file === undefined && values.reference === undefined) return why('erased', { ref });
  const until = dayIn(values.holdsUntil);
  if (until !== undefined && until < today) return why('ended', { ref, day: until });
  return tooOld(ref, dayIn(values.coversTo) ?? dayIn(values.capturedAt) ?? dayIn(values.receivedAt), today);
}

/** The newest reading has to be there and on the right side of its limit. */
function readingFault(r: Looked, today: string): Sentence | undefined {
  const { [LATEST]: value, [LATEST_ON]: on } = r.values;
  const day = dayIn(on);
  if (typeof value !== 'number' || day === undefined) return why('noReading', { ref: r.ref });
  return onRightSide(r) === 'no' ? why('outside', { ref: r.ref, value, day }) : tooOld(r.ref, day, today);
}

const plain = (v: unknown): string =>
  typeof v === 'string' ? v.replace(/\s+/g, ' ').trim().toLowerCase() : '';

/** What a template says, or the claim once more, adds nothing to it. */
function textFault({ ref, derived, values }: Rec, claimed: Looked): Sentence | undefined {
  if (derived.untouched) return why('template', { ref });
  const text = plain(values.body);
  return text !== '' && Object.values(claimed.values).some((v) => plain(v) === text)
    ? why('same', { ref })
    : undefined;
}
