import { failures } from '../../base/refusals.ts';

export const no = failures('finding', {
  notOpen: [
    'WRONG_STATE',
    '{ref} is {state}; a nonconformity is opened from a finding that is raised or answered.',
  ],
  conforms: ['CONFLICT', '{ref} says that it conforms: there is nothing to correct.'],
});
