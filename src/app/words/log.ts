import { failures } from '../../base/refusals.ts';

export const no = failures('log', {
  noVersion: ['NOT_FOUND', '{ref} has no version {version}; its newest is {newest}.'],
});
