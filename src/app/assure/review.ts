import type { Drawn, ReviewInputsAnswer } from '../../answers/assure.ts';
import { Failure } from '../../base/failure.ts';
import { registers } from '../../registers/index.ts';
import {
  earlierActionsStatement,
  type Period,
  previousReviewStatement,
  risksStatement,
  type Tally,
  talliesStatement,
} from '../../store/assure/review-inputs.ts';
import { decisionPlace } from '../../store/authority/decisions.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import type { Point } from '../../store/facts/point.ts';
import type { App, Asking } from '../context.ts';
import { pointOf } from '../read/as-of.ts';
import { standAt } from '../read/earlier-state.ts';
import { demandRead } from '../write/access.ts';
import { readRecord } from '../write/idempotent.ts';
import { type Earlier, inputsOf, type Risks } from './review-text.ts';

/** What inputs count, and what these counts rest on: the registers that are looked at as they were. */
const COUNTED = [
  registers.action.name,
  registers.audit.name,
  registers.auditFinding.name,
  registers.concern.name,
  registers.contextIssue.name,
  registers.gateDecision.name,
  registers.incident.name,
  registers.interestedParty.name,
  registers.monitor.name,
  registers.nonconformity.name,
  registers.objective.name,
] as const;
const LOOKED_AT = [
  ...COUNTED,
  registers.aiSystem.name,
  registers.component.name,
  registers.criteria.name,
  registers.decision.name,
  registers.managementReview.name,
  registers.risk.name,
] as const;

/** Where a review's inputs were drawn, as its record says it. */
export const placeText = (p: Point): string => `log ${p.log}, size ${p.size}, ${p.at}`;

function toPlace(text: string): { log: number; size: number; at: string } | undefined {
  const m = /^log (\d{1,9}), size (\d{1,15}), (\d{4}-\d{2}-\d{2}T[0-9:.]+Z)$/.exec(text);
  return m ? { log: Number(m[1]), size: Number(m[2]), at: m[3]! } : undefined;
}

/**
 * The inputs of a management review (9.3.2), from the records as they stood at a checkpoint: now, unless `place` names an earlier one. Drawn
 * again at the same checkpoint they come out the same, as long as nothing that they count was erased. A fixed number of statements, whatever
 * there is; concerns are counted for everybody alike, and only counted.
 */
export async function drawInputs(
  app: App,
  organisation: number,
  ref: string,
  place?: string,
): Promise<Drawn> {
  const at = place === undefined ? undefined : toPlace(place);
  if (place !== undefined && !at)
    throw new Failure('CONFLICT', `${ref}: where its inputs were drawn cannot be read; freeze them again.`);
  // Everything written before stands under a checkpoint, so that what is counted is what anybody finds there.
  if (!at) await app.sequencer.settle(organisation);
  return app.db.as('').converse(
    organisation,
    async (query) => {
      const point = at ?? (await pointOf(app, query, undefined, 'asOf'));
      const looked = LOOKED_AT.map((name) => app.registry.get(name));
      const { ask: then } = await standAt(app, organisation, query, looked, point);
      const [last] = await then(previousReviewStatement(registers.managementReview.name, ref));
      const period = periodOf(last, point.at);
      const tallies = (await then(talliesStatement(COUNTED, period))).map(toTally);
      const earlier = await then(
        earlierActionsStatement(registers.managementReview.name, registers.action.name, ref, point.at),
      );
      const [risks] = await then(
        risksStatement(
          app.registry,
          app.registry.of(registers.risk),
          registers.criteria.name,
          decisionPlace(app),
          point.at,
        ),
      );
      const previous = cell.maybe(cell.text)(last?.ref) ?? null;
      const inputs = inputsOf({
        tallies,
        earlier: earlier.map(toEarlier),
        risks: toRisks(risks!),
        period,
        previous,
      });
      return { at: placeText(point), inputs };
    },
    { scratch: true },
  );
}

/** From the review before on; compared with as long a time before that. */
function periodOf(last: Row | undefined, until: string): Period {
  const drawn = last?.inputs_at ? toPlace(cell.text(last.inputs_at))?.at : undefined;
  const since = drawn ?? (last?.held_on ? `${cell.text(last.held_on)}T23:59:59.999Z` : null);
  if (since === null || since >= until) return { since: since === null ? null : until, before: null, until };
  const before = new Date(2 * Date.parse(since) - Date.parse(until)).toISOString();
  return { since, before, until };
}

const toTally = (r: Row): Tally => ({
  register: cell.text(r.register),
  state: cell.text(r.state),
  kind: cell.textOrNull(r.kind),
  opportunity: cell.flag(r.opportunity),
  within: cell.textOrNull(r.within),
  total: cell.number(r.total),
  fresh: cell.number(r.fresh),
  earlier: cell.number(r.earlier),
  changed: cell.number(r.changed),
  overdue: cell.number(r.overdue),
});

const toEarlier = (r: Row): Earlier => ({
  state: cell.text(r.state),
  total: cell.number(r.total),
  overdue: cell.number(r.overdue),
  refs: cell.texts(r.refs),
});

const toRisks = (r: Row): Risks => ({
  criteria: cell.textOrNull(r.criteria),
  appetite: cell.numberOrNull(r.appetite),
  total: cell.number(r.total),
  rated: cell.number(r.rated),
  above: cell.number(r.above),
  aboveAccepted: cell.number(r.above_accepted),
  accepted: cell.number(r.accepted),
  stale: cell.number(r.stale),
});

/** What a review's inputs say, and whether anybody who draws them again at the same checkpoint finds the same. */
export async function readReviewInputs(app: App, ask: Asking, ref: string): Promise<ReviewInputsAnswer> {
  const register = app.registry.of(registers.managementReview);
  demandRead(ask, register);
  const { values } = await readRecord(app, ask, register, ref);
  const place = values.inputsAt;
  const frozen = place === undefined ? null : { at: place, inputs: values.inputs ?? [] };
  const redrawn = await drawInputs(app, ask.actor.organisation, ref, place);
  const plain = (d: { readonly inputs: NonNullable<ReviewInputsAnswer['frozen']>['inputs'] }) =>
    JSON.stringify(d.inputs.map((i) => [i.input, i.found, i.count ?? null, i.missing === true]));
  return { ref, frozen, redrawn, same: frozen ? plain(frozen) === plain(redrawn) : null };
}
