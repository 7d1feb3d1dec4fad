import { catalogue } from '../../base/sentence.ts';

/** Why a run does not count: what is said of it after its number. */
export const say = catalogue('gate.runs', {
  beforePlan: 'started before the plan was fixed',
  replayed: 'is the run {toolRun} that was handed in before as {run}, for {digest}',
  otherVersion: 'tested version {version}, but {release} is version {present}',
  otherThanUnknown: 'tested version {version}, but {release} is version unknown',
  twice: 'is the same run as {run} ({toolRun}) and counts once',
  afterReceived: 'says it started at {at}, after it was received',
  ruledOut: 'has a finding that rules it out: {finding}',
  moreThanRan: 'says that more cases failed than ran for {hazard}',
  incomplete: 'is {status}',
  unknownCompleteness: 'is of unknown completeness',
  noFile: 'has no result file behind it',
  lessTrust: 'has trust level {trust}, and {least} is the least that counts here',
  unknownTrust: 'has trust level unknown, and {least} is the least that counts here',
  noStart: 'does not say when it started',
  noVerdict: 'gave no verdict on any case',
});
