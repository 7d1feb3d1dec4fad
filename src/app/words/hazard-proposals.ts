import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('hazard.proposal', {
  noSystem: ['NOT_FOUND', 'There is no AI system {ref}.'],
  notInCatalogue: ['INVALID', 'There is no hazard {code} in the catalogue.'],
  chosenTwice: ['INVALID', '{code} is chosen twice.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('hazard.proposal.wrong', {
  unknownCode: 'is not in the catalogue',
  twice: 'is chosen twice',
});
