import * as cell from '../../store/db/cells.ts';
import { mentioning } from '../../store/work/mentions.ts';
import type { WorkRule } from './rule.ts';
import { day, next, sinceOf, why } from './words.ts';

export const mentions: WorkRule = {
  kind: 'mentions',
  statement: mentioning,
  tells: (r) => {
    const comment = cell.text(r.comment);
    const by = cell.textOrNull(r.by_name) ?? cell.text(r.by);
    return [
      {
        rule: 'comment.mention',
        since: sinceOf(r),
        why: why('mentioned', { by, comment, since: day(r.since) }),
        next: { said: next('settle', { comment }) },
      },
    ];
  },
};
