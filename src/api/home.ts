import * as action from '../actions/home.ts';
import { readFirstHour } from '../app/people/first-hour.ts';
import { readDashboard, readDashboardThen } from '../app/read/home.ts';
import { searchAll } from '../app/read/search.ts';
import { metaAnswer } from './meta.ts';
import type { Operation } from './operation.ts';
import { serve } from './serve.ts';

/** What pages begin with: the declarations, the home page, searching, the first hour. */
export const homeOperations = (version: string): Operation[] => [
  ...serve(action.readMeta, metaAnswer(version)),
  ...serve(action.home, ({ app, ask, query: { asOf } }) =>
    asOf === undefined ? readDashboard(app, ask) : readDashboardThen(app, ask, asOf),
  ),
  ...serve(action.search, ({ app, ask, query: { q, after, limit } }) =>
    searchAll(app, ask, { words: q, after, limit }),
  ),
  ...serve(action.hour, ({ app, ask }) => readFirstHour(app, ask)),
];
