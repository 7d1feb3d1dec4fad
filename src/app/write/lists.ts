// One line for each list of rules: they are on no other list. They are asked in the order of their names; what must be asked before something else stands in one list with it.
export { auditRules } from '../assure/audit-rules.ts';
export { capaRules } from '../assure/capa-rules.ts';
export { reviewRules } from '../assure/review-rules.ts';
export { easingRules } from '../govern/easing-rules.ts';
export { governRules } from '../govern/govern-rules.ts';
export { looseningRules } from '../govern/loosening.ts';
export { commentRules } from '../people/comments.ts';
export { departureRules } from '../people/departure-rules.ts';
export { directoryRules } from '../people/directory-rules.ts';
export { guestRules } from '../people/guest-rules.ts';
export { evidenceRules } from '../release/evidence-rules.ts';
export { controlRules } from '../risk/control-rules.ts';
export { riskRules } from '../risk/rules.ts';
