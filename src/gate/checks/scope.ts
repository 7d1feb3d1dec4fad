import { notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import { isRiskClass } from '../policy.ts';
import { dayOf, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { WithOrWithoutRelease } from '../surroundings.ts';
import { say } from '../words/scope.ts';
import { title } from '../words/titles.ts';

/**
 * The system is in scope, has a risk class, and somebody other than who set the class agreed to it: otherwise the
 * editor of the system could choose the easiest class on the day of the release.
 */
export function checkScope(input: WithOrWithoutRelease): GateCheck {
  const c = new Checking('scope', title('scope'));
  const { system } = input;
  checkState(c, input);
  const riskClass = system.values.riskClass;
  if (!isRiskClass(riskClass))
    c.unknown(say('noClass', { system: named(system) }), [system.ref], {
      ...say('setClass', { system: system.ref }),
      who: nameOf(input, textOf(system, 'owner')),
      ref: system.ref,
    });
  else checkConfirmed(c, input, riskClass);
  return c.done();
}

function checkState(c: Checking, input: WithOrWithoutRelease): void {
  const { system, release } = input;
  if (system.state === 'inScope' && system.values.inScope !== 'out') {
    c.good(say('inScope', { system: named(system) }), [system.ref]);
  } else if (system.state === 'proposed') {
    c.unknown(say('notYet', { system: named(system) }), [system.ref], {
      ...say('takeIn', { system: system.ref }),
      who: 'AIMS manager',
      ref: system.ref,
      action: 'include',
    });
  } else {
    c.wrong(say('notInScope', { system: named(system), state: system.state }), [system.ref], {
      ...(release
        ? say('reconsiderOrWithdraw', { system: system.ref, release: release.ref })
        : say('reconsider', { system: system.ref })),
      ref: system.ref,
      action: 'reconsider',
    });
  }
}

function checkConfirmed(c: Checking, input: WithOrWithoutRelease, riskClass: string): void {
  const { system } = input;
  const w = weigh(input, system, 'approve');
  for (const r of notCounted(input, system, w)) c.good(r, r.records);
  const latest = w.counted[0];
  // Going back to what was confirmed long ago is a change like any other: the last word must be about what stands now.
  const since = w.stale.find((d) => latest && Date.parse(d.createdAt) > Date.parse(latest.createdAt));
  if (latest && !since) {
    c.good(
      say('confirmed', {
        saying: saying(input, latest, 'confirmed'),
        system: system.ref,
        riskClass,
        day: dayOf(latest.createdAt),
        decision: latest.ref,
      }),
      [latest.ref, system.ref],
    );
    return;
  }
  c.unknown(say('notConfirmed', { system: system.ref, riskClass }), [system.ref], {
    ...say('haveConfirmed', { system: system.ref }),
    who: 'AIMS manager or designated management',
    ref: system.ref,
    action: 'confirm',
  });
}
