import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.served', {
  notRecorded: 'Which model serves {system} was not recorded; nothing was compared.',
  asApproved: '{system} is served by {served}: {models}.',
  noModelNamed: '{system} is served by {served}, and {release} names no model.',
  nameModel: 'Name the model in {release}, or clear "Model in service" of {system}',
  namesUnknown:
    '{system} is served by {served}; {number, plural, one {{models} does not say under which name it answers} other {{models} do not say under which name they answer}}.',
  fillInName: 'Fill in "Model ID at run time" of {model}',
  changed:
    '{system} is served by {served}; approved {number, plural, one {is} other {are}} {models}. The vendor changed the model, so nothing that was tested and approved applies to it.',
  goBack:
    'Go back to the approved model; or make {served} a component of a new release, test it and have it approved',
});
