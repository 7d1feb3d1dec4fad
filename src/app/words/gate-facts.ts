import { failures } from '../../base/refusals.ts';

export const no = failures('gate.of', {
  noRelease: ['NOT_FOUND', 'There is no release {ref}; see the list of releases.'],
  noSystem: ['CONFLICT', '{release} belongs to no AI system; link it to one first.'],
  noSuchSystem: ['NOT_FOUND', 'There is no AI system {ref}; see the list of AI systems.'],
});
