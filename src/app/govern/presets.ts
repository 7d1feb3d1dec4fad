import type { Presets, Taken } from '../../answers/gate.ts';
import type { Committed } from '../../answers/record.ts';
import { criteriaInForce } from '../../authority/criteria.ts';
import { ALONE_AFTER_HOURS } from '../../authority/take.ts';
import { Failure } from '../../base/failure.ts';
import { loosened } from '../../gate/loosened.ts';
import { type CriteriaPreset, criteriaPresets, presetForSize } from '../../gate/mode.ts';
import type { Given } from '../../register/values.ts';
import { contentsFrom } from '../../register/values.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import { newestCriteria } from '../../store/authority/newest.ts';
import * as cell from '../../store/db/cells.ts';
import { management } from '../../store/govern/presets.ts';
import { PEOPLE_COUNTED } from '../../store/people/people.ts';
import { toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import { createRuled } from '../write/commit.ts';
import { demandCreate } from '../write/create.ts';

/** The presets of criteria, which of them fits, and what each would ask less of. */
export async function readPresets(app: App, ask: Asking): Promise<Presets> {
  demandRead(ask, app.registry.of(registers.criteria));
  const [rows, counted] = await app.db.run(ask.actor.organisation, [
    newestCriteria(registers.criteria.name),
    PEOPLE_COUNTED,
  ]);
  const present = rows![0] && toStored(rows![0]);
  const people = cell.number(counted![0]!.people);
  const fits = presetForSize(people);
  return {
    people,
    inForce: criteriaInForce(present)?.ref ?? null,
    items: criteriaPresets.map((p) => ({
      ...p,
      proposed: p === fits,
      looser: present ? loosened(present.values, contentsOfPreset(app, p, {}).values) : [],
    })),
  };
}

/** What may be answered when a preset is taken; all of it has a default. */
export interface PresetAnswers {
  title?: string;
  owner?: string;
  appetite?: number;
}

function contentsOfPreset(app: App, preset: CriteriaPreset, more: Record<string, unknown>) {
  const register = app.registry.of(registers.criteria);
  const { gatePolicy, intervals, retention, ...values } = preset.values;
  const input: Given<Registers['criteria']> = {
    title: 'Risk and release criteria',
    owner: 'PSN-0001',
    ...values,
    gatePolicy: gatePolicy.map((row) => ({ ...row })),
    intervals: intervals.map((row) => ({ ...row })),
    retention: retention.map((row) => ({ ...row })),
    ...more,
  };
  return contentsFrom(register, input, 'create');
}

/** What a write gave, with who may approve it, and from when it may be decided alone. */
type Made = Committed & Pick<Taken, 'asked' | 'aloneFrom'>;

/** Makes criteria from a preset and asks for their approval, in one step: a record with all it needs, submitted. */
export async function takePreset(app: App, ask: Asking, name: string, answers: PresetAnswers): Promise<Made> {
  const register = app.registry.of(registers.criteria);
  const as = demandCreate(ask, register);
  const preset = criteriaPresets.find((p) => p.name === name);
  if (!preset)
    throw new Failure(
      'NOT_FOUND',
      `There is no preset ${JSON.stringify(name.slice(0, 40))}; there are ${criteriaPresets.map((p) => p.name).join(', ')}.`,
    );
  const [rows] = await app.db.run(ask.actor.organisation, [newestCriteria(registers.criteria.name)]);
  const present = rows![0] && toStored(rows![0]);
  const contents = contentsOfPreset(app, preset, {
    owner: ask.actor.ref,
    ...answers,
    ...(present ? { replaces: [present.ref] } : {}),
  });
  const submitted = register.transitions.submit!.to;
  return takenPreset(
    app,
    ask,
    name,
    await createRuled(app, ask, register, contents, { as, state: submitted }),
  );
}

/** What was made, with who may approve it, and from when it may be decided alone. */
export async function takenPreset(app: App, ask: Asking, name: string, done: Committed): Promise<Made> {
  const [people] = await app.db.run(ask.actor.organisation, [management(ask.actor.ref)]);
  const asked = people!.map((r) => ({ ref: cell.text(r.ref), name: cell.text(r.title) }));
  const from = new Date(Date.parse(done.record.createdAt) + ALONE_AFTER_HOURS * 3_600_000);
  return {
    ...done,
    asked,
    ...(asked.length === 0 && name === 'alone' ? { aloneFrom: from.toISOString() } : {}),
  };
}
