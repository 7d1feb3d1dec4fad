import type { Statement } from '../db/database.ts';

/** Takes words out of the waiting table: they are entered in the same transaction. */
export const releaseWaiting = (taken: { codeHash: string; n: number; concern: string }[]): Statement => ({
  text: 'select release_waiting($1::jsonb)',
  values: [JSON.stringify(taken)],
});

/** Words whose interval is over, of at most so many codes, those of a code in their order. */
export const wordsDue = (batch: number, at: Date): Statement => ({
  text: `select w.code_hash, w.n, w.content, r.ref from waiting_word w
      join concern_code c on c.organisation = w.organisation and c.code_hash = w.code_hash
      left join record r on r.organisation = c.organisation and r.id = c.concern
    where w.organisation = (select present_organisation()) and w.due <= $1 and w.code_hash in (
      select d.code_hash from waiting_word d where d.organisation = w.organisation and d.due <= $1
      group by d.code_hash order by d.code_hash limit ${batch})
    order by w.code_hash, w.n`,
  values: [at],
});

export const codeStatement = (hash: string, concern: string | null): Statement => ({
  text: `insert into concern_code (organisation, code_hash, concern) values ((select present_organisation()), $1, $2)`,
  values: [hash, concern],
});

export const waitingStatement = (hash: string, n: number, due: Date, content: unknown): Statement => ({
  text: `insert into waiting_word (organisation, code_hash, n, due, content) values ((select present_organisation()), $1, $2, $3, $4)`,
  values: [hash, n, due, JSON.stringify(content)],
});

/** Whether concerns may be raised without a name. */
export const doorOpen: Statement = {
  text: 'select anonymous_concerns as open from organisation where id = (select present_organisation())',
};

export const openConcernDoor = (open: boolean): Statement => ({
  text: 'update organisation set anonymous_concerns = $1 where id = (select present_organisation())',
  values: [open],
});

export const concernsWaiting: Statement = {
  text: 'select count(*)::int as n from waiting_word where organisation = (select present_organisation())',
};

export const concernOfCode = (hash: string): Statement => ({
  text: `select r.ref from concern_code c left join record r on r.organisation = c.organisation and r.id = c.concern
        where c.organisation = (select present_organisation()) and c.code_hash = $1`,
  values: [hash],
});

export const wordsOfCode = (hash: string): Statement => ({
  text: `select n, due, content from waiting_word where organisation = (select present_organisation()) and code_hash = $1 order by n`,
  values: [hash],
});

export const codeOfConcern = (id: string): Statement => ({
  text: 'select count(*)::int as n from concern_code where organisation = (select present_organisation()) and concern = $1',
  values: [id],
});
