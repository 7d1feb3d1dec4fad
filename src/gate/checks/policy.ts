import { Checking } from '../checking.ts';
import type { GateInput } from '../neighbourhood.ts';
import { policyFrom, type RiskClass } from '../policy.ts';
import { named } from '../reading.ts';
import type { GateCheck } from '../result.ts';

/** There are approved criteria, with exactly one row of gate policy for the class. */
export function checkPolicy(input: Pick<GateInput, 'criteria'>, riskClass: RiskClass): GateCheck {
  const c = new Checking('policy', 'Approved criteria with a gate policy for the class');
  const { criteria } = input;
  if (criteria?.state !== 'approved') {
    const what = criteria ? `${named(criteria)} is ${criteria.state}` : 'There are no criteria';
    c.unknown(
      `${what}: no approved criteria are in force. The default policy was used, which never allows by itself.`,
      criteria ? [criteria.ref] : [],
      {
        text: 'Have the criteria approved',
        who: 'Designated management',
        ...(criteria ? { ref: criteria.ref, action: 'approve' } : {}),
      },
    );
  } else if (!policyFrom(criteria, riskClass)) {
    c.unknown(
      `${named(criteria)} has no single row of gate policy for risk class ${riskClass}.`,
      [criteria.ref],
      {
        text: `Make new criteria with exactly one row for ${riskClass}, replacing ${criteria.ref}`,
        who: 'AIMS manager',
        ref: criteria.ref,
      },
    );
  } else
    c.good(`${named(criteria)}, version ${criteria.version}, is in force for risk class ${riskClass}.`, [
      criteria.ref,
    ]);
  return c.done();
}
