import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('api.component', {
  nameMissing: ['BAD_INPUT', 'name: say what it is called.'],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('api.component.wrong', {
  missing: 'is missing',
});
