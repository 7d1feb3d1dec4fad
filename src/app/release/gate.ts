import type { Attestation, Decided } from '../../answers/gate.ts';
import type { RecordView } from '../../answers/record.ts';
import { deed, refusal } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { failed } from '../../base/refusals.ts';
import { envelopeText, sign } from '../../gate/attestation.ts';
import { emergencyDecision, emergencyEnd } from '../../gate/checks/emergency.ts';
import { evaluateGate } from '../../gate/evaluate.ts';
import { checkRows, type GateResult } from '../../gate/result.ts';
import { buildStatement } from '../../gate/statement.ts';
import type { GateInput } from '../../gate/surroundings.ts';
import { recOf } from '../../register/rec.ts';
import { refOf } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import type { Given } from '../../register/values.ts';
import { contentsFrom } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Head } from '../../store/ledger/sequencer.ts';
import { readStatement, toRec, toStoredWithRelations } from '../../store/records/records.ts';
import { takeNumbers } from '../../store/records/write.ts';
import { aimsManagers, firstLeafOf } from '../../store/release/gate.ts';
import { type App, type Asking, asEngine } from '../context.ts';
import { logPath } from '../log/log-heads.ts';
import type { Organisation } from '../people/organisations.ts';
import { readThenBy } from '../read/earlier-state.ts';
import { toView, writtenView } from '../read/view.ts';
import { demandRead } from '../write/access.ts';
import { anew } from '../write/anew.ts';
import { planCreate } from '../write/create.ts';
import { readRecord } from '../write/idempotent.ts';
import { carryOut, together } from '../write/plan.ts';
import { ruled } from '../write/rules.ts';
import { readGate } from './gate-facts.ts';

/** The transition by which the gate, and nobody else, lets a release through. */
const ALLOW = 'allow';

/** What the gate would decide now; nothing is recorded. */
export async function previewGate(app: App, ask: Asking, ref: string): Promise<GateResult> {
  demandRead(ask, app.registry.of(registers.release));
  app.sequencer.demandOpen(ask.actor.organisation);
  return evaluateGate(await readGate(app, ask.actor.organisation, ref));
}

/**
 * Decides on a release. Waits until everything written before is under a published checkpoint, judges one snapshot, and records
 * the verdict with its signed statement, refusals too; an allowance moves the release on in the same transaction. Answers when the
 * decision has its place in the log.
 */
export async function decideGate(
  app: App,
  ask: Asking,
  organisation: Organisation,
  ref: string,
): Promise<Decided> {
  const as = admittedAs(ask.actor, ['contributor', 'ci']);
  if (!as) throw failed(refusal('handsIn', { deed: deed('askGate') }));
  // Where somebody changes the release while it is judged, what is there by then is judged.
  const { result, decision } = await anew(async () => {
    const head = await app.sequencer.settle(organisation.id);
    const input = await readGate(app, organisation.id, ref, head);
    const result = evaluateGate(input);
    return { result, decision: await record(app, ask, organisation, as, { input, result, head }) };
  });
  return placed(app, organisation, result, decision);
}

/** A decision that was taken before, as it was answered: what was judged is judged again as it stood then. */
export async function decidedBefore(
  app: App,
  ask: Asking,
  organisation: Organisation,
  release: string,
  ref: string,
): Promise<Decided> {
  const register = app.registry.of(registers.gateDecision);
  const decision = await readRecord(app, ask, register, ref);
  const then = String(decision.values.logSize);
  const {
    asOf: _,
    erased: __,
    ...result
  } = await readThenBy(app, ask, then, (app) => previewGate(app, ask, release));
  return placed(app, organisation, result, toView(decision));
}

/** The decision with its place in the log, once it has that. */
async function placed(
  app: App,
  organisation: Organisation,
  result: GateResult,
  decision: RecordView,
): Promise<Decided> {
  const after = await app.sequencer.settle(organisation.id);
  const [rows] = await app.db.run(organisation.id, [firstLeafOf(decision.id)]);
  return {
    result,
    decision,
    log: {
      origin: organisation.origin,
      index: cell.number(rows![0]!.index),
      size: after.size,
      root: Buffer.from(after.root, 'hex').toString('base64'),
    },
    files: {
      vsa: `/api/v1/${organisation.slug}/${registers.gateDecision.name}/${decision.ref}/attestation`,
      proof: `/api/v1/${organisation.slug}/${registers.gateDecision.name}/${decision.ref}/proof`,
      gateKey: `/log/${organisation.slug}/gate.pem`,
      vkey: `${logPath(organisation.slug, organisation.logNumber)}/vkey`,
    },
  };
}

interface Judged {
  input: GateInput;
  result: GateResult;
  head: Head;
}

async function record(
  app: App,
  ask: Asking,
  organisation: Organisation,
  as: string,
  j: Judged,
): Promise<RecordView> {
  const register = app.registry.of(registers.gateDecision);
  const releases = app.registry.of(registers.release);
  const emergency = j.result.verdict === 'allow' && j.result.basis === 'emergency';
  const more = emergency ? await emergencyFacts(app, organisation, j.input) : {};
  const number = await takeNumbers(app.db, organisation.id, register.name, 1);
  const decision = await planCreate(
    app,
    ask,
    register,
    contentsFrom(register, { ...decisionInput(app, organisation, j), ...more }, 'engine'),
    { as, number },
  );
  const plans = [decision];
  const move = releases.transitions[ALLOW]!;
  if (j.result.verdict === 'allow' && move.from === j.input.release.state) {
    const release = await asJudged(app, organisation, j.input);
    plans.push(
      await ruled(app, asEngine(ask), {
        register: releases,
        before: release,
        contents: release,
        state: move.to,
        act: 'transition',
        transition: ALLOW,
        actor: { ref: ask.actor.ref, as: 'engine' },
        reason: refOf(register, number),
      }),
    );
  }
  const { at, records } = await carryOut(app, ask, together(plans), ([made]) => ({
    record: { register: register.name, ref: made!.ref },
  }));
  return writtenView(at, ask.actor.ref, records[0]!);
}

/** The release with what a write of it takes; VERSION_MISMATCH where it is no longer the one that was judged. */
async function asJudged(app: App, organisation: Organisation, { release }: GateInput) {
  const register = app.registry.of(registers.release);
  const [rows] = await app.db.run(organisation.id, [readStatement(register, release.ref)]);
  const now = rows!.map(toStoredWithRelations)[0];
  if (now?.version === release.version) return recOf(register, now);
  throw new Failure(
    'VERSION_MISMATCH',
    `${release.ref} was changed while it was judged; ask the gate again.`,
  );
}

/** In an emergency: until when it holds, and everybody who is to be told. */
async function emergencyFacts(
  app: App,
  organisation: Organisation,
  input: GateInput,
): Promise<Given<Registers['gateDecision']>> {
  const decided = emergencyDecision(input, input.change!);
  const [managers] = await app.db.run(organisation.id, [aimsManagers]);
  const parts = (['owner', 'approver', 'oversight'] as const).map((f) => input.system.values[f]);
  const told = [...parts, ...managers!.map((r) => r.ref)].filter((p) => typeof p === 'string');
  return { allowedUntil: emergencyEnd(decided!.createdAt), told: [...new Set(told)] };
}

function decisionInput(
  app: App,
  organisation: Organisation,
  { input, result, head }: Judged,
): Given<Registers['gateDecision']> {
  const base = `${app.baseUrl}/api/v1/${organisation.slug}`;
  const statement = buildStatement(input, result, {
    verifierId: `${app.baseUrl}/log/${organisation.slug}`,
    version: '1',
    resourceUri: `${base}/${registers.release.name}/${result.release}`,
    policyUri: `${base}/${registers.criteria.name}/${result.policy.ref}`,
    checkpoint: { origin: organisation.origin, size: head.size, root: head.root },
  });
  return {
    title: `${result.release}: ${result.verdict}`,
    verdict: result.verdict,
    riskClass: result.riskClass,
    basis: result.basis,
    subjectDigest: result.subject,
    policyRef: result.policy.ref,
    policyDigest: result.policy.digest,
    checks: checkRows(result),
    logSize: head.size,
    logRoot: `sha256:${head.root}`,
    attestation: envelopeText(sign(statement, app.keys.gateKey(organisation.slug))),
    release: [result.release],
  };
}

/** The signed statement of a gate decision. */
export async function readAttestation(app: App, ask: Asking, ref: string): Promise<Attestation> {
  const register = app.registry.of(registers.gateDecision);
  demandRead(ask, register);
  const [rows] = await app.db.run(ask.actor.organisation, [readStatement(register, ref)]);
  if (!rows![0]) throw notThere(registers.gateDecision, ref);
  return JSON.parse(String(toRec(registers.gateDecision)(rows![0]).values.attestation));
}
