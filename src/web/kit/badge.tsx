import type { ReactNode } from 'react';
import type { GateCheck } from '../../answers/gate.ts';
import type { Verdict } from '../../answers/record.ts';
import type { StateOf } from '../../register/rec.ts';
import type { RegisterName, Registers } from '../../registers/index.ts';
import { words } from './format.ts';

export type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'plain';

/** States of records, and what the gate and what decisions stand on are called. */
type Word = StateOf<Registers[RegisterName]> | Verdict | GateCheck['status'] | 'stale';

// Words that workflows use for their states. Green is kept for states that somebody decided; a state that is not
// listed stays plain, so that nothing looks good by accident.
const TONES: Readonly<Partial<Record<Word, Tone>>> = {
  approved: 'ok',
  allowed: 'ok',
  allow: 'ok',
  accepted: 'ok',
  verified: 'ok',
  shipped: 'ok',
  passed: 'ok',
  effective: 'ok',
  fixed: 'ok',
  submitted: 'busy',
  assessed: 'busy',
  invited: 'busy',
  held: 'busy',
  implemented: 'busy',
  open: 'warn',
  insufficient: 'warn',
  missing: 'warn',
  stale: 'warn',
  refused: 'bad',
  refuse: 'bad',
  failed: 'bad',
  rolledBack: 'bad',
  revoked: 'bad',
  ineffective: 'bad',
};
const BY_WORD = new Map(Object.entries(TONES));

export const toneOf = (state: string): Tone => BY_WORD.get(state) ?? 'plain';

const MARKS: Record<Tone, string> = { ok: '✓', warn: '!', bad: '✕', busy: '…', plain: '·' };

/** A coloured word; the mark before it says the same without colour. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`badge tone-${tone}`}>
      <span aria-hidden="true">{MARKS[tone]}</span>
      {children}
    </span>
  );
}

/** The state of a record. Where the only person of an organisation decided alone, that stands in the place of the word for an approval. */
export function StateBadge({ state, standing }: { state: string; standing?: string }) {
  if (standing === 'alone') return <Badge tone="busy">Self-approved</Badge>;
  return <Badge tone={toneOf(state)}>{words(state)}</Badge>;
}
