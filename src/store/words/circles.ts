import { failures } from '../../base/refusals.ts';
import { catalogue } from '../../base/sentence.ts';

export const no = failures('store.circle', {
  circle: [
    'INVALID',
    '{name}: {way} is a circle, and {name} means an order. Take {name} away from one of them first.',
  ],
});

/** What is wrong with a place of what was sent. */
export const wrong = catalogue('store.circle.wrong', {
  back: 'would lead back to the record itself: {way}',
});
