import type { Registry } from '../../register/register.ts';
import { searchText } from '../../register/values.ts';
import { WORDS_RULE, wordsIn } from '../../register/words.ts';
import type { Owner } from '../db/owner.ts';
import { RECORD_SELECT, toStored } from './records.ts';

const PAGE = 500;

/**
 * Cuts the words of records anew that were cut by an earlier rule, a page at a time; no version is written. Safe to run in several processes at
 * once: a record that somebody changed meanwhile was cut by the present rule.
 */
export async function settleWords(owner: Owner, registry: Registry): Promise<void> {
  for (;;) {
    const rows = await owner.ask({
      text: `select ${RECORD_SELECT}, r.organisation from record r where r.words_rule < ${WORDS_RULE} limit ${PAGE}`,
    });
    const cut = rows.map((row) => {
      const r = toStored(row);
      const register = registry.find(r.register);
      return {
        organisation: row.organisation,
        id: r.id,
        version: r.version,
        search: register
          ? wordsIn(Number(row.organisation), searchText(register, r.ref, r.values).toWellFormed())
          : '',
        scope: `${String(row.organisation)}:${r.register}`,
      };
    });
    await owner.ask({
      text: `update record r set words_rule = ${WORDS_RULE}, search = to_tsvector('simple', x.search) || array_to_tsvector(array[x.scope])
        from jsonb_to_recordset($1::jsonb) as x(organisation int, id uuid, version int, search text, scope text)
        where r.organisation = x.organisation and r.id = x.id and r.version = x.version and r.words_rule < ${WORDS_RULE}`,
      values: [JSON.stringify(cut)],
    });
    if (rows.length < PAGE) return;
  }
}
