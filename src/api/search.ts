import { searchAll } from '../app/search.ts';
import { wholeNumber } from './listing.ts';
import { type Operation, single } from './operation.ts';

/** Looking for words over all registers at once. */
export function searchOperations(): Operation[] {
  return [
    {
      id: 'search',
      method: 'GET',
      path: '/api/v1/:org/search',
      tag: 'Organisation',
      access: 'member',
      mutates: false,
      summary: 'Search all registers that you may read: the number first, then titles, then texts',
      query: {
        q: 'words, a number such as RSK-12, or "words in this order"; the last word may be unfinished',
        after: 'how many were seen (`next`)',
        limit: 'how many, 1 to 50; 20 unless told',
      },
      handler: (c) =>
        searchAll(c.app, c.ask, {
          words: (single(c.query, 'q') ?? '').slice(0, 2_000),
          after: wholeNumber(single(c.query, 'after') ?? '0', 'after', 0, 1_000),
          limit: wholeNumber(single(c.query, 'limit') ?? '20', 'limit', 1, 50),
        }),
    },
  ];
}
