import { failures } from '../../base/refusals.ts';

export const no = failures('witness', {
  askedAlready: ['ALREADY_EXISTS', 'The witness {name} is asked at {url} already.'],
  tooMany: ['CONFLICT', 'A log has at most {most} witnesses: remove one first.'],
  notAsked: ['NOT_FOUND', 'No witness with this key is asked; the list of witnesses has their keys.'],
});
