import type { Verdict } from '../../answers/record.ts';
import { Badge, type Tone } from './badge.tsx';

export const VERDICTS: Record<Verdict, { tone: Tone; word: string; sentence: string }> = {
  allow: { tone: 'ok', word: 'Allowed', sentence: 'Every check of the policy passed.' },
  refuse: { tone: 'bad', word: 'Refused', sentence: 'Something is known to be wrong. It must not ship.' },
  insufficient: {
    tone: 'warn',
    word: 'Insufficient',
    sentence: 'Something is not known yet. It must not ship until it is.',
  },
};

export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const v = VERDICTS[verdict];
  return v ? <Badge tone={v.tone}>{v.word}</Badge> : <span>{verdict}</span>;
}
