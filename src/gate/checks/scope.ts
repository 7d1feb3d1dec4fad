import { notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { WithOrWithoutRelease } from '../neighbourhood.ts';
import { isRiskClass } from '../policy.ts';
import { dayOf, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';

/**
 * The system is in scope, has a risk class, and somebody other than who set the class agreed to it: otherwise the
 * editor of the system could choose the easiest class on the day of the release.
 */
export function checkScope(input: WithOrWithoutRelease): GateCheck {
  const c = new Checking('scope', 'AI system in scope, with a confirmed risk class');
  const { system } = input;
  checkState(c, input);
  const riskClass = system.values.riskClass;
  if (!isRiskClass(riskClass))
    c.unknown(`${named(system)} has no risk class; it is treated as high until it has one.`, [system.ref], {
      text: `Set the risk class of ${system.ref} and have it confirmed`,
      who: nameOf(input, textOf(system, 'owner')),
      ref: system.ref,
    });
  else checkConfirmed(c, input, riskClass);
  return c.done();
}

function checkState(c: Checking, input: WithOrWithoutRelease): void {
  const { system, release } = input;
  if (system.state === 'inScope' && system.values.inScope !== 'out') {
    c.good(`${named(system)} is in scope.`, [system.ref]);
  } else if (system.state === 'proposed') {
    c.unknown(`${named(system)} has not been taken into scope yet.`, [system.ref], {
      text: `Take ${system.ref} into scope`,
      who: 'AIMS manager',
      ref: system.ref,
      action: 'include',
    });
  } else {
    c.wrong(`${named(system)} is not in scope: its state is ${system.state}.`, [system.ref], {
      text: `Reconsider ${system.ref}${release ? `, or withdraw ${release.ref}` : ''}`,
      ref: system.ref,
      action: 'reconsider',
    });
  }
}

function checkConfirmed(c: Checking, input: WithOrWithoutRelease, riskClass: string): void {
  const { system } = input;
  const w = weigh(input, system, 'approve');
  for (const r of notCounted(input, system, w)) c.good(r.text, r.records);
  const latest = w.counted[0];
  // Going back to what was confirmed long ago is a change like any other: the last word must be about what stands now.
  const since = w.stale.find((d) => latest && Date.parse(d.createdAt) > Date.parse(latest.createdAt));
  if (latest && !since) {
    c.good(
      `${saying(input, latest, 'confirmed')} ${system.ref} with risk class ${riskClass} on ${dayOf(latest.createdAt)} (${latest.ref}).`,
      [latest.ref, system.ref],
    );
    return;
  }
  c.unknown(
    `Nobody other than its author has confirmed ${system.ref} as it is now, with risk class ${riskClass}.`,
    [system.ref],
    {
      text: `Have ${system.ref} confirmed by somebody who did not edit it`,
      who: 'AIMS manager or designated management',
      ref: system.ref,
      action: 'confirm',
    },
  );
}
