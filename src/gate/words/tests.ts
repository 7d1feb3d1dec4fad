import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.tests', {
  doesNotCount: '{run} {why}; it does not count in favour.',
  share: '{failed} of {judged} failed ({share} %)',
  withoutPlan: 'is tolerated without a fixed plan',
  allowed: 'the {most} % that {plan} allows',
  plannedNotRun:
    '{hazard} was planned ({cases, plural, one {{cases} case} other {{cases} cases}}) and never run in {runs}.',
  neverRun: '{hazard} is required and was never run in {run}.',
  neverRunInAny: '{hazard} is required and was never run in any of the {runs} runs that count.',
  attacks: '{failed} of {judged} attacks succeeded in {run}',
  cases: '{failed} of {judged} cases failed in {run}',
  byHazard: '{hazard} {failed} of {judged}',
  total: '{figures}.',
  totalOpen:
    '{figures}; {without, plural, one {{without} further case} other {{without} further cases}} gave no verdict.',
  totalBy: '{figures}: {hazards}.',
  totalByOpen:
    '{figures}: {hazards}; {without, plural, one {{without} further case} other {{without} further cases}} gave no verdict.',
  noneRun: 'No test has been run on {release} as it is now.',
  noneRunThatCounts:
    'No test has been run on {release} as it is now that still counts. {withdrawn, plural, one {{runs} was withdrawn.} other {{runs} were withdrawn.}}',
  noneQualifies: 'None of the runs on {release} qualifies.',
  noneQualifiesOfThese:
    'None of the runs on {release} qualifies. {withdrawn, plural, one {{runs} was withdrawn.} other {{runs} were withdrawn.}}',
  theseCases: 'these cases',
  ofTest: '{hazard}, {test}',
  otherContent: '{run} tested {release} as {tested}; it is {digest} now, so this run does not count.',
  incomparable:
    '{run} tested {release}. What it tested was erased since, at least in part: nobody can tell any more whether this run counted.',
  pooled: 'All {number} runs on this content are combined per hazard: {runs}.',
  planNotFixed: '{plan} was never fixed, so none of the hazards in it is required yet.',
  planAsksNothing: '{plan} requires no hazard to be exercised, so passing it says nothing.',
  listHazards: 'List the hazards that must be exercised in {plan}',
  noHazards: 'No hazards are recorded for {system}: all of them must be tested, and none is known.',
  linkHazards: 'Link the hazards that concern {system} to it',
  notInPlan: '{code} ({title}) is a {severity} hazard of {system} and is not in {plan}.',
  addToPlan: 'Add {code} to {plan}, have it fixed, and test it',
  beforePlan:
    '{hazard}: {figures} in {run}, before the plan was fixed: no threshold chosen later excuses that.',
  tooMany: '{hazard}: {figures} in {run}, more than {limit}.',
  tooManyInAll: '{hazard}: {figures} in {runs}, more than {limit}.',
  standsOut:
    '{test}: {figures} in {runs}, more than {limit}; the cases that passed beside it do not make up for that.',
  findOut: 'Find out why {hazard} failed, correct it, and test the corrected release',
  runTests: 'Run tests for {hazard} on {release} and add the result',
  tooFewCases:
    '{hazard} has {cases, plural, one {{cases} case} other {{cases} cases}} with a verdict in {runs}; at least {least} are needed.',
  tooManyWithout: '{hazard}: {without} of {ran} cases gave no verdict ({share} %); at most {most} % may.',
  restTooMany: '{figures} in {run} outside the hazards, more than the {most} % allowed.',
  allTooManyWithout: '{without} of all {ran} cases gave no verdict ({share} %); at most {most} % may.',
  repair: 'Repair the tests that gave no verdict and run them again on {release}',
  addResult: 'Test {release} and add the result file as evidence',
});
