import { catalogue } from '../../base/sentence.ts';

/** What is found of a system without a release, beside what the checks say. */
export const say = catalogue('gate.system', {
  part: '{person} is the {part} of {system}.',
  answer: '{people} answer for it.',
  mayBeOne: 'One person may be owner, approver and oversight in class {riskClass}.',
  components: '{number, plural, one {{number} component} other {{number} components}}: {components}.',
  noComponent: 'No component of {system} is recorded that a release could name.',
  recordComponents: 'Record what {system} consists of',
  fixed: '{plan} is fixed.',
  exercised: '{plan} says which hazards are exercised.',
  noPlan: '{system} has no verification plan.',
  writePlan: 'Write a verification plan for {system} and have it fixed',
  noneExercised:
    'No verification plan says which of {number, plural, one {{number} hazard} other {{number} hazards}} of {system} are exercised.',
  noHazards: 'No hazards are recorded for {system}, and no verification plan asks for any.',
  writeAPlan: 'Write a verification plan',
  recordHazards: 'Record the hazards of {system}',
  noRollbackPlan: '{system} has no rollback plan.',
  writeRollbackPlan: 'Write a rollback plan for {system} and have it approved',
  nothingToRehearse: '{system} has no rollback plan that a drill could rehearse.',
  nothingSaid: 'Nothing is said against it.',
});
