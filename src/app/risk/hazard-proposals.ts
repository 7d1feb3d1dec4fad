import type { Answered } from '../../actions/index.ts';
import type { Proposals } from '../../answers/risk.ts';
import { deed } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { back, reads } from '../../facts/reads.ts';
import { linksOf } from '../../register/rec.ts';
import { notThere } from '../../register/said.ts';
import { uniqueKey } from '../../register/unique-key.ts';
import type { Given } from '../../register/values.ts';
import { contentsFrom } from '../../register/values.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import { catalogueHazard, proposeHazards } from '../../risk/hazard-rules.ts';
import * as cell from '../../store/db/cells.ts';
import { readStatement, toStored, toStoredWithRelations, valuesOf } from '../../store/records/records.ts';
import type { Change } from '../../store/records/write.ts';
import { hazardsByCode } from '../../store/risk/hazards.ts';
import type { App, Asking } from '../context.ts';
import { readFacts } from '../read/facts.ts';
import { demandRead } from '../write/access.ts';
import { anew } from '../write/anew.ts';
import { demandCreate, planCreate } from '../write/create.ts';
import { planEdit } from '../write/edit.ts';
import { carryOut, type Planned, together } from '../write/plan.ts';

/** What proposals look at. */
const PROPOSAL_READS = reads(registers.aiSystem, {
  hops: [back(registers.component), back(registers.hazard)],
});

/** Hazards of the catalogue that fit a system by what is recorded about it, with the reasons; nothing is stored. */
export async function readProposals(app: App, ask: Asking, ref: string): Promise<Proposals> {
  const register = app.registry.of(registers.aiSystem);
  demandRead(ask, register);
  demandRead(ask, app.registry.of(registers.hazard));
  return app.db.converse(
    ask.actor.organisation,
    async (query) => {
      const facts = await readFacts(app, query, PROPOSAL_READS, { refs: [ref] });
      const [system] = facts.subjects(registers.aiSystem);
      if (!system) throw notThere(registers.aiSystem, ref);
      const components = facts.back(system, registers.component).filter((c) => c.state === 'current');
      const hazards = facts.back(system, registers.hazard);
      const proposals = proposeHazards(
        {
          kinds: [...new Set(components.map((c) => String(c.values.kind)))],
          roles: system.values.isoRoles ?? [],
          riskClass: system.values.riskClass,
          text: [system.title, system.values.purpose, ...components.map((c) => c.title)]
            .join('\n')
            .slice(0, 50_000),
          supplied: components.some((c) => c.values.supplierDeclared === true),
        },
        hazards.map((h) => String(h.values.code)),
      );
      const existing = (await query(byCodes(proposals.map((p) => p.code)))).map(toStored);
      return {
        system: { ref: system.ref, title: system.title },
        proposals: proposals.map((p) => {
          const record = existing.find((r) => uniqueKey(r.values.code ?? '') === uniqueKey(p.code));
          return { ...p, record: record ? { ref: record.ref, state: record.state } : null };
        }),
        known: hazards.map((h) => ({
          ref: h.ref,
          code: String(h.values.code),
          title: h.title,
          state: h.state,
        })),
      };
    },
    { snapshot: true },
  );
}

/** Hazards on record with these codes. */
const byCodes = (codes: readonly string[]) => hazardsByCode(codes.map(uniqueKey));

export interface Chosen {
  code: string;
  severity: string;
}

/**
 * Takes chosen hazards of the catalogue over: those not on record yet are made, those on record are linked to the system
 * (their severity stays). All of them, or none.
 */
export async function takeHazards(
  app: App,
  ask: Asking,
  ref: string,
  chosen: readonly Chosen[],
): Promise<Taken> {
  const register = app.registry.of(registers.hazard);
  const as = demandCreate(ask, register, deed('recordHazards'));
  const entries = chosen.map((c, i) => {
    const entry = catalogueHazard(c.code);
    if (!entry)
      throw new Failure('INVALID', `There is no hazard ${c.code.slice(0, 40)} in the catalogue.`, [
        { path: `/hazards/${i}/code`, message: 'is not in the catalogue' },
      ]);
    if (chosen.findIndex((x) => x.code === c.code) !== i)
      throw new Failure('INVALID', `${c.code} is chosen twice.`, [
        { path: `/hazards/${i}/code`, message: 'is chosen twice' },
      ]);
    return { ...c, entry };
  });
  return anew(() => taken(app, ask, ref, entries, as));
}

type Taken = Answered<'POST aiSystem/:ref/hazards'>;

interface Entry extends Chosen {
  entry: NonNullable<ReturnType<typeof catalogueHazard>>;
}

async function taken(
  app: App,
  ask: Asking,
  ref: string,
  entries: readonly Entry[],
  as: string,
): Promise<Taken> {
  const register = app.registry.of(registers.hazard);
  const organisation = ask.actor.organisation;
  const [own, codes] = await app.db.run(organisation, [
    readStatement(app.registry.of(registers.aiSystem), ref),
    byCodes(entries.map((e) => e.code)),
  ]);
  if (!own![0]) throw notThere(registers.aiSystem, ref);
  const known = new Map(
    codes!.map((r) => [uniqueKey(valuesOf(registers.hazard)(r.values).code ?? ''), cell.text(r.ref)]),
  );
  const [full] = await app.db.run(organisation, [readStatement(register, [...known.values()])]);
  const existing = new Map(full!.map((r) => [cell.text(r.ref), toStoredWithRelations(r)]));
  const planned: Planned[] = [];
  const codeOf: string[] = [];
  for (const { code, severity, entry } of entries) {
    const before = existing.get(known.get(uniqueKey(code)) ?? '');
    const one = before
      ? await planEdit(app, ask, register, before, {
          links: { systems: [...new Set([...linksOf(before, 'systems'), ref])] },
        })
      : await planCreate(
          app,
          ask,
          register,
          contentsFrom(register, hazardOf(entry, severity, ref), 'create'),
          { as },
        );
    if (!one) continue;
    planned.push(one);
    codeOf.push(code);
  }
  const answer = (changes: readonly Change[]): Taken => {
    const refs = (such: boolean) =>
      changes.flatMap((c, i) => ((c.expect === null) === such ? [{ ref: c.ref, code: codeOf[i]! }] : []));
    return { created: refs(true), linked: refs(false) };
  };
  return (await carryOut(app, ask, together(planned), answer)).kept;
}

const hazardOf = (
  { id, title, category, description }: Entry['entry'],
  severity: string,
  system: string,
): Given<Registers['hazard']> => ({ code: id, title, category, description, severity, systems: [system] });
