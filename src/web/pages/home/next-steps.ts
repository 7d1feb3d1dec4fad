import type { Meta } from '../../../answers/account.ts';
import type { Dashboard } from '../../../answers/home.ts';
import type { StateOf } from '../../../register/rec.ts';
import type { Registers } from '../../../registers/index.ts';
import { isStep } from '../../shell/sections.ts';

export interface NextStep {
  text: string;
  why?: string;
  register: string;
  ref?: string;
  create?: boolean;
}

/** At most this many: a longer list is not read. */
const MOST = 5;

/**
 * What to do next, told by what is recorded: releases that the gate stops or has not seen come first, then registers
 * of the five steps that are still empty, in the order of the steps.
 */
export function nextSteps(data: Dashboard, meta: Meta): NextStep[] {
  const closed: readonly StateOf<Registers['release']>[] = ['shipped', 'withdrawn', 'rolledBack', 'allowed'];
  const ofRef = (ref: string) =>
    meta.registers.find((r) => r.prefix === ref.slice(0, ref.indexOf('-')))?.name ?? '';
  const releases = data.releases
    .filter((r) => !closed.includes(r.state) && r.verdict !== 'allow')
    .map((r) => ({
      text: r.verdict ? `Clear what stops ${r.title}` : `See what ${r.title} still needs`,
      why:
        r.verdict === 'refuse'
          ? 'The gate refused it.'
          : r.verdict === 'insufficient'
            ? 'The gate misses facts.'
            : undefined,
      register: ofRef(r.ref),
      ref: r.ref,
    }));
  const empty = data.steps
    .filter((s) => isStep(s.step))
    .flatMap((s) =>
      s.registers
        .filter((r) => r.count === 0)
        .flatMap((r) => {
          const register = meta.registers.find((m) => m.name === r.name);
          if (!register?.mayCreate || register.engineWritten) return [];
          return [
            {
              text: `Record the first ${register.label.one}`,
              why: register.purpose,
              register: r.name,
              create: true,
            },
          ];
        }),
    );
  return [...releases, ...empty].slice(0, MOST);
}
