import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';

/** Comments ($1) beside a record ($2), as `r`: `subject` is the typed column that names it. */
const beside = (subject: string): string =>
  `r.organisation = (select present_organisation()) and r.register = $1 and r.${subject} = lower($2)`;

export const commentKnown = (refs: string[]): Statement => ({
  text: `select ref, register, state, hidden_from from record where organisation = (select present_organisation())
        and ref = any($1)`,
  values: [refs],
  name: 'comment-known',
});

export const commentSubject = (register: string, ref: string): Statement => ({
  text: 'select 1 from record where organisation = (select present_organisation()) and register = $1 and ref = $2',
  values: [register, ref],
  name: 'comment-subject',
});

export const commentCount = (subject: string, ref: string, state: string | undefined): Statement => ({
  text: `select count(*)::int as total, count(*) filter (where r.state = $3)::int as open from record r where ${beside(subject)}`,
  values: [named.comment.name, ref, state],
  name: 'comment-count',
});

export const commentsOf = (subject: string, ref: string, after: number, limit: number): Statement => ({
  text: `select r.id, r.ref, r.register, r.number, r.version, r.state, r.title, r."values", r.derived, r.created_at, r.created_by,
          r.updated_at, r.updated_by, '{}'::jsonb as links from record r where ${beside(subject)} and r.number > $3 order by r.number limit $4`,
  values: [named.comment.name, ref, after, limit + 1],
  name: 'comments',
});

export const commentPeople = (subject: string, ref: string, after: number, limit: number): Statement => ({
  text: `select p.ref, p.register, p.title, p.state from record p where p.organisation = (select present_organisation())
        and p.register = $5 and p.ref in (select unnest(array_append(case when r."values" ? ${named.comment.field('mentions')} then
          array(select jsonb_array_elements_text(r."values"->${named.comment.field('mentions')})) else '{}' end, r.created_by))
          from (select r.* from record r where ${beside(subject)} and r.number > $3 order by r.number limit $4) r)`,
  values: [named.comment.name, ref, after, limit + 1, named.person.name],
  name: 'comment-people',
});
