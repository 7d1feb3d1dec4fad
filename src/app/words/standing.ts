import { catalogue } from '../../base/sentence.ts';

/** How a risk stands against the appetite. */
export const say = catalogue('risk.standing', {
  unrated: '{risk} is not rated yet: likelihood and all three impacts are needed.',
  noCriteria: 'Level {level}. No criteria are in force, so nothing says whether that is acceptable.',
  within: 'Level {level} is within the appetite of {appetite}.',
  accepted: 'Level {level} is above the appetite of {appetite}, and accepted.',
  untreated: 'Level {level} is above the appetite of {appetite}, and it is neither treated nor accepted.',
  treatedAbove:
    'Level {level} is above the appetite of {appetite}; it is treated, and what is left is not accepted.',
  acceptanceStale:
    'Level {level} is above the appetite of {appetite}; its acceptance no longer counts, because it changed since.',
  acceptanceEnded: 'Level {level} is above the appetite of {appetite}; its acceptance has ended.',
  raised: '{standing} Tests put its likelihood at {likelihood}; {claimed} is claimed.',
});
