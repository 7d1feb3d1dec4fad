import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.impact', {
  screenIn: 'Screen the impact of {system} in {assessment}: whom it affects, and a conclusion',
  screen: 'Screen the impact of {system}: whom it affects, and a conclusion',
  conclude: 'Conclude {assessment}',
  assess: 'Assess the impact of {system}',
  heldOn: '{assessment}, held on {day}',
  notAcceptable: '{assessment}, held on {day}, concludes that the impact is not acceptable.',
  assessAgain: 'Change {system} and assess its impact again',
  held: '{assessment} was held on {day} and concludes: {conclusion}.',
  notApproved:
    '{assessments}: nobody other than the author has approved the impact assessment as it and {system} are now.',
  haveApproved: 'Have {assessment} approved',
  none: '{screened, select, yes {Nobody has looked, and concluded, what} other {There is no concluded assessment of what}} {system} may do to people and society{months, plural, =0 {} one { within {months} month} other { within {months} months}}{number, plural, =0 {} other {; there is {old}}}.',
});
