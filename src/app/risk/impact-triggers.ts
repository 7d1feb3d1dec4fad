import type { TriggerEvent, Triggers } from '../../answers/risk.ts';
import { keyOf, type Sentence } from '../../base/sentence.ts';
import type { Facts } from '../../facts/facts.ts';
import { back, out, reads, some } from '../../facts/reads.ts';
import type { Rec } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { type Registers, registers } from '../../registers/index.ts';
import type { App, Asking } from '../context.ts';
import { readFacts } from '../read/facts.ts';
import { say } from '../words/impact-triggers.ts';
import { demandRead, mayRead } from '../write/access.ts';

/** Triggers that can be told from records; the others are for people to watch. */
const COMPUTED = [
  'newPurpose',
  'newModel',
  'newData',
  'newAutonomy',
  registers.incident.name,
  'complaint',
] as const;
type Computed = (typeof COMPUTED)[number];

/** Which trigger a new component of a kind pulls; prompts are left to the tests. */
const BY_KIND: Readonly<Record<string, Computed>> = {
  model: 'newModel',
  dataset: 'newData',
  agent: 'newAutonomy',
  tool: 'newAutonomy',
};

/** So many of the newest incidents and concerns of each system are looked at. */
const NEWEST = 200;

const LINK = 'systems';

/** What triggers look at: the systems of an assessment, what they consist of, and what happened to them. */
const TRIGGER_READS = reads(registers.impactAssessment, {
  hops: [
    out(registers.impactAssessment, LINK, [
      back(registers.component, LINK),
      some(registers.incident, undefined, { as: registers.incident.name, newest: NEWEST }),
      some(registers.concern, undefined, { as: registers.concern.name, newest: NEWEST }),
    ]),
  ],
  weighed: [registers.impactAssessment],
  versions: (f) => {
    const since = approvalOf(f)?.createdAt;
    return since === undefined ? [] : systemsOf(f).map(({ ref }) => ({ ref, at: since }));
  },
});

const systemsOf = (f: Facts) => f.subjects(registers.impactAssessment).flatMap((a) => f.linked(a, LINK));

const approvalOf = (f: Facts) =>
  f
    .subjects(registers.impactAssessment)
    .flatMap((a) => f.decisions(a).find((d) => d.values.kind === 'approve') ?? [])[0];

/** What happened since an impact assessment was approved that makes it necessary to assess again. */
export async function readTriggers(app: App, ask: Asking, ref: string): Promise<Triggers> {
  demandRead(ask, app.registry.of(registers.impactAssessment));
  const facts = await app.db.converse(
    ask.actor.organisation,
    (query) => readFacts(app, query, TRIGGER_READS, { refs: [ref] }),
    { snapshot: true },
  );
  const [record] = facts.subjects(registers.impactAssessment);
  if (!record) throw notThere(registers.impactAssessment, ref);
  const wanted = record.values.triggers ?? [];
  const base = {
    watchedByPeople: wanted.filter((t) => !COMPUTED.some((c) => c === t)),
    // What is closed to whoever asks the database leaves out.
    notShown: [registers.incident, registers.concern]
      .filter((r) => !mayRead(ask.actor, app.registry.of(r)))
      .map((r) => r.name),
  };
  const approval = approvalOf(facts);
  if (!approval) return { since: null, events: [], ...base };
  const since = approval.createdAt;
  const events = [...added(facts, record, approval), ...happened(facts, since), ...purposes(facts, since)]
    .map((e) => ({ ...e, named: wanted.includes(e.trigger) }))
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1));
  return { since: { decision: approval.ref, at: since }, events, ...base };
}

/** A sentence and what it was made from. */
const told = (said: Sentence) => ({ says: said.text, ...keyOf(said) });

type Event = Omit<TriggerEvent, 'named'>;
type Of<N extends keyof Registers> = Rec<Registers[N]>;

/** Components that decisions on it cover now, and did not when it was approved. */
function added(f: Facts, record: Of<'impactAssessment'>, approval: Of<'decision'>): Event[] {
  const then = approval.values.covered ?? [];
  const now = f.binding(record).covered.filter((c) => !then.some((t) => t.ref === c.ref));
  const parts = new Map(
    systemsOf(f).flatMap((s) => f.back(s, registers.component, LINK).map((c) => [c.ref, c])),
  );
  return now.flatMap((c) => parts.get(c.ref) ?? []).flatMap((c) => ofComponent(c) ?? []);
}

/** Incidents and concerns about the systems since then; the database keeps concerns from the people they are about. */
function happened(f: Facts, since: string): Event[] {
  const later = <R extends Register>(register: R): Rec<R>[] => [
    ...new Map(
      systemsOf(f)
        .flatMap((s) => f.some(s, register.name, register))
        .filter((r) => r.createdAt > since)
        .map((r) => [r.ref, r]),
    ).values(),
  ];
  return [
    ...later(registers.incident).map((r) =>
      ofRecord(r, registers.incident.name, say(registers.incident.name)),
    ),
    ...later(registers.concern).map((r) =>
      ofRecord(
        r,
        'complaint',
        say(registers.concern.name, { from: r.values.from === 'outside' ? 'outside' : 'other' }),
      ),
    ),
  ];
}

/** Systems whose purpose reads otherwise than in the version that was the newest at the approval. */
const purposes = (f: Facts, since: string): Event[] =>
  systemsOf(f).flatMap((s) => {
    const then = f.valuesAt(s.ref, since);
    return then && then.purpose !== s.values.purpose
      ? [
          {
            trigger: 'newPurpose' as const,
            ref: s.ref,
            title: s.title,
            at: s.updatedAt,
            ...told(say('purpose')),
          },
        ]
      : [];
  });

function ofComponent(c: Of<'component'>): Event | undefined {
  const { kind } = c.values;
  const trigger = BY_KIND[kind];
  if (!trigger) return undefined;
  return {
    trigger,
    ref: c.ref,
    title: c.title,
    at: c.createdAt,
    ...told(say(registers.component.name, { kind })),
  };
}

const ofRecord = (r: Rec, trigger: Computed, said: Sentence): Event => ({
  trigger,
  ref: r.ref,
  title: r.title,
  at: r.createdAt,
  ...told(said),
});
