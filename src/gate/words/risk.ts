import { catalogue } from '../../base/sentence.ts';

export const say = catalogue('gate.risk', {
  raised: '{risk}: tests put its likelihood at {likelihood} ({criteria}), claimed is {claimed}. {hazards}.',
  notRaised: '{risk}: tests do not put its likelihood above the {claimed} that is claimed. {hazards}.',
  conclude: 'Conclude {assessment}',
  assess: 'Assess the risks of {system}',
  heldOn: '{assessment}, held on {day}',
  aboveAppetite:
    '{risk} is at level {level}, above the appetite of {appetite}, and is neither treated down to it nor accepted.',
  aboveAppetiteByTests:
    '{risk} is at level {level}, above the appetite of {appetite}, and is neither treated down to it nor accepted at that level.',
  noEnd: '{saying} {risk} ({decision}), which does not count: it has no end date.',
  topAccepts:
    '{saying} {risk} ({decision}), which does not count: from level {from} on only top management accepts.',
  designatedAccepts: '{saying} {risk} ({decision}), which does not count: designated management must accept.',
  none: 'No open risk is recorded for {system}: that nothing is known is not the same as no risk.',
  record: 'Record the risks of {system}',
  noAppetite: 'No approved criteria say how much risk is acceptable.',
  haveAppetite: 'Have criteria with a risk appetite approved',
  compared:
    '{number, plural, one {{number} open risk} other {{number} open risks}} of {system} compared with the appetite of {appetite}.',
  notRated: '{risk} has not been rated for likelihood and all three impacts.',
  rate: 'Rate {risk}',
  treatedDown: '{risk}: level {before}, after treatment {after}.',
  correct:
    'Correct what the tests found; or rate {risk} again with a likelihood of at least {likelihood}, and treat it or have it accepted',
  leftNotRated: '{risk}, level {level}, was treated, but nobody has rated what is left, nor accepted it.',
  rateLeft: 'Rate {risk} after treatment, or have what is left accepted',
  treated: '{risk}, level {level}, is treated ({treatment}); what is left was not rated.',
  treat: 'Treat {risk} and rate what is left, or have it accepted with an end date',
  acceptedLess:
    '{by} accepted {risk} at level {accepted} ({decision}); that does not cover the level {level} that tests put it at.',
  accepted: '{saying} {risk} at level {level} until {until} ({decision}).',
  noAssessment:
    'There is no concluded risk assessment of {system}{months, plural, =0 {} one { within {months} month} other { within {months} months}}{number, plural, =0 {} other {; there is {old}}}.',
  held: '{assessment} was held on {day}.',
  notApproved: '{assessments}: nobody other than the author has approved the assessment as it is now.',
  haveApproved: 'Have {assessment} approved',
});
