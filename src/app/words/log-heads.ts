import { failures } from '../../base/refusals.ts';

export const no = failures('log.heads', {
  noLog: ['NOT_FOUND', '{organisation} has no log {number}; its newest is {newest}.'],
});
