import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('api.record', {
  etag: ['BAD_INPUT', 'If-Match: expected the ETag of the version you saw, such as "3".'],
  versionOrLatest: ['BAD_INPUT', 'Give version or latest, not both.'],
  reason: ['INVALID', '$reason: expected text of at most 5,000 characters.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('api.record.wrong', {
  notEtag: 'is not an ETag of ours',
  latestBeside: 'cannot be given beside version',
  text: 'expected text',
});
