import { failures } from '../../base/refusals.ts';

export const no = failures('api.log', {
  notPublic: ['NOT_FOUND', 'There is no public log of {organisation}.'],
  noLog: ['NOT_FOUND', 'There is no log {number} of {organisation}.'],
  noCheckpoint: ['NOT_FOUND', 'The log of {organisation} has no checkpoint yet; ask again in a moment.'],
  nothingAt: ['NOT_FOUND', 'The log of {organisation} has no {path}.'],
});
