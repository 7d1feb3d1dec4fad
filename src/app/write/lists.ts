// One line for each list of rules: they are on no other list. They are asked in the order of their names; what must be asked before something else stands in one list with it.
export { auditRules } from '../audit-rules.ts';
export { capaRules } from '../capa.ts';
export { commentRules } from '../comments.ts';
export { controlRules } from '../control-rules.ts';
export { departureRules } from '../departure-rules.ts';
export { directoryRules } from '../directory-rules.ts';
export { easingRules } from '../easing-rules.ts';
export { evidenceRules } from '../evidence-rules.ts';
export { governRules } from '../govern-rules.ts';
export { guestRules } from '../guest-rules.ts';
export { looseningRules } from '../loosening.ts';
export { reviewRules } from '../review-rules.ts';
export { riskRules } from '../risk/rules.ts';
