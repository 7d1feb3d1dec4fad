// One line for each list of rules: they are on no other list. They are asked in the order of their names; what must be asked before something else stands in one list with it.
export { auditRules } from '../auditGuards.ts';
export { capaRules } from '../capa.ts';
export { commentRules } from '../comments.ts';
export { controlRules } from '../control-guards.ts';
export { departureRules } from '../departureGuards.ts';
export { directoryRules } from '../directory-rules.ts';
export { easingRules } from '../easing-guards.ts';
export { evidenceRules } from '../evidenceGuards.ts';
export { governRules } from '../govern-guards.ts';
export { guestRules } from '../guest-guards.ts';
export { looseningRules } from '../loosening.ts';
export { reviewRules } from '../reviewGuards.ts';
export { riskRules } from '../risk/guards.ts';
