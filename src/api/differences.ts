import { differences } from '../app/differences.ts';
import { Failure } from '../base/failure.ts';
import { wholeNumber } from './listing.ts';
import { type Call, type Operation, single } from './operation.ts';

/** What was created and changed between two points. */
export function differenceOperations(): Operation[] {
  return [
    {
      id: 'differences',
      method: 'GET',
      path: '/api/v1/:org/differences',
      tag: 'Ledger',
      access: 'member',
      mutates: false,
      summary: 'Records created and changed between two points, with both states, by whom and when',
      query: {
        from: 'the first point: a time (RFC 3339), a day (its end, UTC) or a size of the log',
        to: 'the second point; the present unless told',
        register: 'only this register',
        after: 'cursor of the page before (its `next`); it carries both points and the register',
        limit: 'how many, 1 to 200; 50 unless told',
      },
      handler: (c) =>
        differences(c.app, c.ask, {
          from: given(c, 'from'),
          to: given(c, 'to'),
          register: given(c, 'register'),
          after: given(c, 'after'),
          limit: wholeNumber(single(c.query, 'limit') ?? '50', 'limit', 1, 200),
        }),
    },
  ];
}

/** A parameter that is sent but empty is a mistake, not a default. */
function given(c: Call, name: string): string | undefined {
  const v = single(c.query, name);
  if (v === '')
    throw new Failure('BAD_INPUT', `${name}: is empty; leave it out or give it a value.`, [
      { path: `/${name}`, message: 'is empty' },
    ]);
  return v;
}
