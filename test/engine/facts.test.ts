import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ask, readFacts } from '../../src/app/read/facts.ts';
import { type Facts, NotRead } from '../../src/facts/facts.ts';
import {
  back,
  backKey,
  type Hop,
  out,
  type Reads,
  reads,
  since,
  some,
  taken,
} from '../../src/facts/reads.ts';
import { GATE_READS, SYSTEM_READS } from '../../src/gate/from-facts.ts';
import type { Rec } from '../../src/register/rec.ts';
import { registers } from '../../src/registers/index.ts';
import { readManyStatement, toStored } from '../../src/store/records/records.ts';
import { standing as stands } from '../support/arrange.ts';
import { times } from '../support/depth.ts';
import { given, type TestInstance, testInstance, type Visitor } from '../support/instance.ts';

/**
 * The one reader of facts: it finds what ways lead to, all of it and nothing else, says so where it looked and found nothing, and throws where it never
 * looked; by the same number of statements, whatever there is.
 */

let t: TestInstance;
let ada: Visitor;
let seed = 1;
const systems: string[] = [];
let statements = 0;

const standing = (register: string, state: string, more: Record<string, unknown> = {}): Promise<string> =>
  stands(t, t.app.registry.get(register), state, seed++, { more });

const read = async (what: Reads, refs: readonly string[], as = ''): Promise<Facts> =>
  t.app.db.as(as).converse(
    t.organisation.id,
    (ask) => {
      statements = 0;
      const counted: Ask = (s) => {
        statements += 1;
        return ask(s);
      };
      return readFacts(t.app, counted, what, { refs });
    },
    { snapshot: true },
  );

beforeAll(async () => {
  t = await testInstance();
  ada = await t.person('Ada', ['aimsManager']);
  await t.quiet();
  for (let i = 0; i < 4; i++) {
    const system = await standing('aiSystem', 'inScope', { riskClass: 'high', inScope: 'in' });
    systems.push(system);
    const hazard = await standing('hazard', 'confirmed', { systems: systems.slice(-2) });
    for (const state of ['open', 'assessed', 'closed'] as const)
      await standing('risk', state, { systems: systems.slice(-3), hazards: i % 2 === 0 ? [hazard] : [] });
    await standing('component', 'current', { systems: [system] });
    const plan = await standing('rollbackPlan', 'approved', { system: [system] });
    for (let d = 0; d < i; d++)
      await standing('drill', 'held', { rollbackPlan: [plan], kind: 'stop', heldOn: `2020-02-0${d + 1}` });
  }
});
afterAll(() => t.close());

const refsOf = (list: readonly Rec[]): string[] => list.map((r) => r.ref).sort();

describe('what ways lead to', () => {
  test('is what the records say, out and back, for every link between what is there', async () => {
    const [rows] = await t.app.db.run(t.organisation.id, [
      {
        text: `select ref from record where organisation = (select present_organisation())
          and register in ('aiSystem', 'hazard', 'risk', 'component', 'rollbackPlan', 'drill', 'criteria') order by ref`,
      },
    ]);
    const refs = rows!.map((r) => String(r.ref));
    const [stored] = await t.app.db.run(t.organisation.id, [readManyStatement(refs)]);
    const all = stored!.map(toStored);
    let asked = 0;
    for (const r of all) {
      const register = t.app.registry.get(r.register);
      const ways = t.app.registry.inversesOf(register.name);
      const hops: Hop[] = [
        ...Object.keys(register.links).map((l) => out(register, l)),
        ...ways.map((w) => back(w.register, w.link)),
      ];
      const facts = await read(reads(register, { hops }), [r.ref]);
      for (const name of Object.keys(register.links)) {
        asked += 1;
        expect(refsOf(facts.linked(r, name)), `${r.ref} ${name}`).toEqual([...(r.links[name] ?? [])].sort());
      }
      for (const w of ways) {
        const expected = all.filter(
          (o) => o.register === w.register.name && o.links[w.link]?.includes(r.ref),
        );
        // Of registers that were arranged whole.
        if (refs.some((ref) => t.app.registry.ofRef(ref)?.name === w.register.name))
          expect(refsOf(facts.back(r, w.register, w.link)), `${r.ref} ${w.register.name}.${w.link}`).toEqual(
            refsOf(expected),
          );
      }
    }
    expect(asked).toBeGreaterThan(50);
  });

  test('goes on from every record that it reached, however many lead there', async () => {
    const what = reads(registers.aiSystem, {
      hops: [
        back(registers.risk, 'systems', [out(registers.risk, 'hazards', [back(registers.risk, 'hazards')])]),
        back(registers.rollbackPlan, 'system', [back(registers.drill)]),
      ],
    });
    const facts = await read(what, systems);
    expect(facts.subjects(registers.aiSystem).map((s) => s.ref)).toEqual(systems);
    const risks = facts.subjects(registers.aiSystem).flatMap((s) => facts.back(s, registers.risk, 'systems'));
    expect(risks.length).toBeGreaterThan(12);
    for (const risk of risks)
      for (const hazard of facts.linked(risk, 'hazards'))
        expect(refsOf(facts.back(hazard, registers.risk, 'hazards'))).toContain(risk.ref);
    const drills = facts
      .subjects(registers.aiSystem)
      .map((s) =>
        facts.back(s, registers.rollbackPlan, 'system').flatMap((p) => facts.back(p, registers.drill)),
      );
    expect(drills.map((d) => d.length)).toEqual([0, 1, 2, 3]);
  });

  test('is narrowed by state, value and number, and then has a name of its own', async () => {
    const narrowed = some(registers.risk, 'systems', { as: 'open', states: ['open', 'assessed'] });
    const newest = some(registers.risk, 'systems', { as: 'newest', newest: 2 });
    const stops = some(registers.drill, undefined, { as: 'stops', where: { field: 'kind', is: ['stop'] } });
    const none = some(registers.drill, undefined, { as: 'none', where: { field: 'kind', is: ['nothing'] } });
    const facts = await read(
      reads(registers.aiSystem, {
        hops: [
          back(registers.risk, 'systems'),
          narrowed,
          newest,
          back(registers.rollbackPlan, 'system', [stops, none]),
        ],
      }),
      [systems[3]!],
    );
    const system = facts.subject(registers.aiSystem);
    const risks = facts.back(system, registers.risk, 'systems');
    expect(risks.some((r) => r.state === 'closed')).toBe(true);
    expect(facts.some(system, 'open', registers.risk)).toEqual(risks.filter((r) => r.state !== 'closed'));
    expect(facts.some(system, 'newest', registers.risk)).toEqual(risks.slice(-2));
    const [plan] = facts.back(system, registers.rollbackPlan, 'system');
    expect(facts.some(plan!, 'stops', registers.drill).length).toBe(3);
    expect(facts.some(plan!, 'none', registers.drill)).toEqual([]);
  });

  test('costs the same statements, whatever hangs on it, for the gate and for a system', async () => {
    const costs = [];
    for (const system of systems) {
      await read(SYSTEM_READS, [system]);
      costs.push(statements);
    }
    expect(new Set(costs)).toEqual(new Set([3]));
    await read(GATE_READS, ['REL-0001']);
    expect(statements).toBe(3);
  });

  test('leaves out what is hidden from whoever looks, and what stands only there', async () => {
    const about = await t.person('Abe', ['topManagement']);
    const concern = await given(t, 'concern', {
      title: 'c',
      content: 'c',
      about: [about.ref],
      systems: [systems[0]],
      owner: ada.ref,
    });
    const what = reads(registers.aiSystem, { hops: [back(registers.concern)] });
    const seen = async (as: string) => {
      const facts = await read(what, [systems[0]!], as);
      return refsOf(facts.back(facts.subject(registers.aiSystem), registers.concern));
    };
    expect(await seen(ada.ref)).toEqual([concern.ref]);
    expect(await seen(about.ref)).toEqual([]);
  });
});

describe('nothing found is never nothing read', () => {
  test('what was declared and is not there is empty; everything else throws', async () => {
    const facts = await read(
      reads(registers.aiSystem, {
        hops: [back(registers.monitor)],
        weighed: [registers.aiSystem],
        taken: [taken(registers.aiSystem, 'exclude')],
        since: [since(registers.aiSystem, 'servedModel')],
        uses: ['vendorRun'],
      }),
      [systems[0]!],
    );
    const system = facts.subject(registers.aiSystem);
    expect(facts.back(system, registers.monitor)).toEqual([]);
    expect(facts.decisions(system)).toEqual(expect.any(Array));
    expect(facts.taken(system, 'exclude')).toBeUndefined();
    expect(facts.use('vendorRun')).toBe(false);
    facts.since(system, 'servedModel');
    for (const ask of [
      () => facts.back(system, registers.risk),
      () => facts.back(system, registers.monitor, 'systems'),
      () => facts.linked(system, 'suppliers'),
      () => facts.some(system, 'open', registers.risk),
      () => facts.decisions({ ref: 'RSK-0001' }),
      () => facts.authors({ ref: 'RSK-0001' }),
      () => facts.binding({ ref: 'RSK-0001' }),
      () => facts.taken(system, 'include'),
      () => facts.since(system, 'purpose'),
      () => facts.use('inUse'),
      () => facts.valuesAt(system.ref, facts.now),
    ])
      expect(ask).toThrow(NotRead);
    expect(backKey(registers.risk, 'systems')).not.toBe(backKey(registers.risk));
  });

  test('a subject that is not there is absent, and nothing of it can be asked', async () => {
    const facts = await read(SYSTEM_READS, ['SYS-9999']);
    expect(facts.subjects(registers.aiSystem)).toEqual([]);
    expect(() => facts.subject(registers.aiSystem)).toThrow();
  });
});

test('whatever part of its ways is declared, what they lead to is the same', async () => {
  const hops: readonly Hop[] = [
    back(registers.risk, 'systems', [out(registers.risk, 'hazards')]),
    back(registers.hazard, 'systems'),
    back(registers.component, 'systems'),
    back(registers.rollbackPlan, 'system', [back(registers.drill)]),
  ];
  const whole = await read(reads(registers.aiSystem, { hops }), systems);
  const property = fc.asyncProperty(
    fc.subarray([...hops], { minLength: 1 }),
    fc.subarray([...systems], { minLength: 1 }),
    async (part, of) => {
      const facts = await read(reads(registers.aiSystem, { hops: part }), of);
      for (const system of facts.subjects(registers.aiSystem))
        for (const hop of hops) {
          const from = t.app.registry.get(hop.from!);
          if (part.includes(hop))
            expect(facts.back(system, from, hop.link)).toEqual(whole.back(system, from, hop.link));
          else expect(() => facts.back(system, from, hop.link)).toThrow(NotRead);
        }
    },
  );
  await fc.assert(property, { numRuns: times(10) });
});
