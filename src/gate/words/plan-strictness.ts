import { catalogue } from '../../base/sentence.ts';

/** What a plan lets pass more of than it may, or than it did: sentences without a full stop. */
export const say = catalogue('gate.planStrictness', {
  thresholdAbove: '{is} % of the cases may fail; criteria allow a plan of class {riskClass} at most {most} %',
  hazardAbove: '{is} % may fail for {hazard}; criteria allow a plan of class {riskClass} at most {most} %',
  withoutAbove:
    '{is} % may stay without a verdict; criteria allow a plan of class {riskClass} at most {most} %',
  threshold: 'cases may fail up to {is} %; before, up to {was} %',
  without: 'cases may stay without a verdict up to {is} %; before, up to {was} %',
  hazard: 'for {hazard} cases may fail up to {is} %; before, up to {was} %',
  minCases: 'the fewest cases per hazard are {is}; before, {was}',
  minCasesOf: 'the fewest cases for {hazard} are {is}; before, {was}',
  metric: 'it is measured by {is}; before, by {was}',
  gone: '{hazard} need not be exercised any more',
});
