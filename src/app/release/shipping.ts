import { failures } from '../../base/refusals.ts';
import { evaluateGate } from '../../gate/evaluate.ts';
import type { As } from '../../register/rec.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { type Stored, toRec } from '../../store/records/records.ts';
import { gateAllowance } from '../../store/release/gate.ts';
import type { App } from '../context.ts';
import { readGate } from './gate-facts.ts';

/** The gate decision that let a release through last, by the release's id. */
export async function allowanceOf(
  app: App,
  organisation: number,
  release: string,
): Promise<As<Registers['gateDecision'], Stored> | undefined> {
  const [rows] = await app.db.run(organisation, [gateAllowance(release)]);
  return rows!.map(toRec(registers.gateDecision))[0];
}

/** Longest text of reasons in a refusal; the page of the gate has all of it. */
const TOLD = 3000;

const no = failures('ship', {
  nowRefused: [
    'CONFLICT',
    '{release} was let through, and now the gate says {verdict, select, refuse {REFUSE} other {INSUFFICIENT}}: {reasons} It is not put into use; see its gate for what to do.',
  ],
});

/**
 * Asks the gate about a release that is to go into use: an allowance says what was so when it was given, and a failing run, an approval that no longer
 * counts or other criteria may have come since. Throws what the gate says, each reason once.
 */
export async function demandStillLetThrough(app: App, organisation: number, release: string): Promise<void> {
  const { verdict, checks } = evaluateGate(await readGate(app, organisation, release));
  if (verdict === 'allow') return;
  const open = checks.filter((c) => c.status === 'failed' || c.status === 'missing');
  const told = open.map((c) => c.reasons.map((r) => r.text).join(' ') || c.title).join(' ');
  throw no(
    'nowRefused',
    {
      release,
      verdict: verdict === 'refuse' ? verdict : 'other',
      reasons: told.length > TOLD ? `${told.slice(0, TOLD)}…` : told,
    },
    // The checks by name: their reasons were said.
    open.map((c) => ({ path: `/gate/${c.id}`, message: `${c.title}: ${c.status}` })),
  );
}
