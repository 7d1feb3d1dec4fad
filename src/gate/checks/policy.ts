import { whoSaid } from '../../register/said.ts';
import { Checking } from '../checking.ts';
import { policyFrom, type RiskClass } from '../policy.ts';
import { named } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { GateInput } from '../surroundings.ts';
import { say } from '../words/policy.ts';
import { title } from '../words/titles.ts';

/** There are approved criteria, with exactly one row of gate policy for the class. */
export function checkPolicy(input: Pick<GateInput, 'criteria'>, riskClass: RiskClass): GateCheck {
  const c = new Checking('policy', title('policy'));
  const { criteria } = input;
  if (criteria?.state !== 'approved') {
    c.unknown(
      criteria ? say('notInForce', { criteria: named(criteria), state: criteria.state }) : say('none'),
      criteria ? [criteria.ref] : [],
      {
        ...say('haveApproved'),
        who: whoSaid(['designatedManagement']).items[0]!,
        ...(criteria ? { ref: criteria.ref, action: 'approve' } : {}),
      },
    );
  } else if (!policyFrom(criteria, riskClass)) {
    c.unknown(say('noSingleRow', { criteria: named(criteria), riskClass }), [criteria.ref], {
      ...say('makeNew', { riskClass, criteria: criteria.ref }),
      who: whoSaid(['aimsManager']).items[0]!,
      ref: criteria.ref,
    });
  } else
    c.good(say('inForce', { criteria: named(criteria), version: criteria.version, riskClass }), [
      criteria.ref,
    ]);
  return c.done();
}
