import { catalogue } from '../../base/sentence.ts';

/** What later criteria, a system or a plan ask less of than before: sentences without a full stop. */
export const say = catalogue('gate.loosened', {
  mode: 'the organisation counts as {is}; before, as {was}',
  likelihoodScale: 'the likelihood scale reads otherwise, so that risks may be rated lower',
  impactScale: 'the impact scale reads otherwise, so that risks may be rated lower',
  appetite: 'risks up to level {is} may stay as they are; before, up to {was}',
  acceptAtLevel: 'only from level {is} top management must accept; before, from {was}',
  acceptAtNoLevel: 'top management is not needed to accept any level; before, from {was}',
  cleanSeries: 'tests without a failure raise no likelihood; before, their bound counted',
  interval: '{what} within {is, plural, one {{is} month} other {{is} months}}; before, {before}',
  anyInterval: '{what} at any interval; before, {before}',
  within: 'within {months, plural, one {{months} month} other {{months} months}}',
  kept: '{what} are kept for {is, plural, one {{is} month} other {{is} months}}; before, for {was}',
  changed: '{field} is another one, and nobody has said whether that is stricter',
  lowerByTests: 'a failed share up to {bound} % means likelihood {is}; before, likelihood {was}',
  lowerAboveAll: 'a failed share above every line means likelihood {is}; before, likelihood {was}',
  notMoved: 'a failed share up to {bound} % moves no rating; before, likelihood {was}',
  notMovedAboveAll: 'a failed share above every line moves no rating; before, likelihood {was}',
  rowThere: 'class {riskClass} has a row of gate policy; before, none, and nothing was let through',
  row: 'class {riskClass}: {what} {is}; before, {was}',
  yes: 'yes',
  no: 'no',
  riskClass: 'the risk class is {is}; before, {was}',
  riskClassFromNone: 'the risk class is {is}; before, none, which counts as high',
  outOfScope: 'the management system no longer covers it',
});
