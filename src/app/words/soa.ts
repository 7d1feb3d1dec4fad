import { failures } from '../../base/refusals.ts';

export const no = failures('soa', {
  tooMany: [
    'TOO_LARGE',
    'There are more than {most} control lines; export the register instead: /{register}/export.',
  ],
});
