import { meta } from '../answers/account.ts';
import { dashboard, firstHour, searchAnswer } from '../answers/home.ts';
import { defineAction } from './action.ts';
import { strong } from './command.ts';
import { asOf, start, whole } from './params.ts';

export const readMeta = defineAction({
  id: 'meta',
  method: 'GET',
  path: 'meta',
  tag: 'Organisation',
  summary: 'The organisation, who you are in it, and every register as data',
  answer: meta,
});

export const home = defineAction({
  id: 'dashboard',
  method: 'GET',
  path: 'dashboard',
  tag: 'Organisation',
  summary: 'Counts by step, and the newest releases with their last verdict',
  query: { asOf },
  answer: dashboard,
});

export const search = defineAction({
  id: 'search',
  method: 'GET',
  path: 'search',
  tag: 'Organisation',
  summary: 'Search all registers that you may read: the number first, then titles, then texts',
  query: {
    q: start(
      'words, a number such as RSK-12, or "words in this order"; the last word may be unfinished',
      2_000,
    ),
    after: whole('how many were seen (`next`)', 0, 1_000, 0),
    limit: whole('how many, 1 to 50; 20 unless told', 1, 50, 20),
  },
  answer: searchAnswer,
  command: {
    name: 'search',
    says: 'Search all registers that you may read: a number first, then titles, then texts. Exit code: 0 some, 1 none, 2 error.',
    takes: {
      q: {
        argument: true,
        as: 'words',
        words: true,
        says: 'words, a number such as RSK-12, or "words in this order" in quotation marks',
      },
      limit: { as: '--limit <n>', says: 'how many, 1 to 50', unlessTold: '20' },
      after: { as: '--after <n>', says: 'how many were seen already' },
    },
    form: 'json',
    refuses: (found) => found.items.length === 0,
    shows({ items, next }, say) {
      for (const r of items) {
        say.line(strong(r.ref), ` ${r.title} (${r.state})`);
        if (r.around) say.line(`  ${r.around}`);
      }
      if (items.length === 0) say.note('No results.');
      if (next !== null) say.note(`There is more: --after ${next}`);
    },
  },
});

export const hour = defineAction({
  id: 'firstHour',
  method: 'GET',
  path: 'first-hour',
  tag: 'Proportion',
  summary: 'What a newcomer has done, and what comes next',
  answer: firstHour,
});
