-- What a register keeps from somebody is kept from them everywhere: its records are not there for any statement on their behalf, whichever register
-- the question began at, and links from or to them are neither followed nor counted.

-- Registers that whoever reads may not read, each by its name and by its prefix; empty for the engine.
create function closed_registers() returns text[] language sql stable as
  $$ select string_to_array(coalesce(current_setting('app.closed', true), ''), ',') $$;

-- The register that a text names a record of, by its prefix: `CON` of `CON-0001`; empty for any other text.
create function prefix_of(ref text) returns text language sql immutable as
  $$ select coalesce(substring(ref from '^([A-Z]{3})-[0-9]'), '') $$;

-- A comment on a record, a decision on it, and what was done to it in the log are read by whoever may read the record's register.
drop policy own on record;
create policy own on record to aims_app
  using (organisation = (select present_organisation())
    and register <> all ((select closed_registers())::text[])
    and (hidden_from is null or (select present_actor()) <> all (hidden_from))
    and (register <> all ('{comment,decision,logChange}'::text[])
      or prefix_of("values"->>'subject') <> all ((select closed_registers())::text[])))
  with check (organisation = (select present_organisation()));
drop function present_closed();

-- Decisions on a record, and what was done to it in the log, are hidden from the same people as the record itself.
drop trigger hide_comment on record;
create trigger hide_comment before insert or update on record for each row
  when (new.register in ('comment', 'decision', 'logChange') and prefix_of(new."values"->>'subject') <> '') execute function hide_comment();
create or replace function hide_comments_of() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  -- The row is touched, and the trigger above reads the record anew.
  update record set hidden_from = null where organisation = new.organisation and register in ('comment', 'decision', 'logChange')
    and "values"->>'subject' = new.ref;
  return null;
end $$;

-- A link with an end in a closed register is not there either: links are counted without looking at records. Whoever counts links of a register that
-- hides single records from people looks whether the record is there.
drop policy own on link;
create policy own on link to aims_app
  using (organisation = (select present_organisation())
    and from_register <> all ((select closed_registers())::text[])
    and substring(to_ref from 1 for 3) <> all ((select closed_registers())::text[]))
  with check (organisation = (select present_organisation()));

-- By which rule the words of a record were cut (src/register/words.ts). Those of before are cut anew at the next start, a page at a time.
alter table record add column words_rule smallint default 0;
alter table record alter column words_rule set default 1;
create index record_words_rule on record (words_rule) where words_rule < 1;

-- Records of one organisation in which words occur, `place` 0 for the number that was asked for, 1 for a title, 2 for any text. It steps behind the
-- policy, because no index of words may be asked before it: whoever calls passes the policy again, and names the registers that may be read.
-- A common word has more matches than anybody looks at: then it looks through the newest records, and gathers no more than ten times what is asked for.
create function search_records(p_refs text[], p_title text, p_words text, p_registers text[], p_most integer)
returns table (id uuid, place integer) language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  org integer := present_organisation();
  asked tsquery[] := array[to_tsquery('simple', p_title), to_tsquery('simple', p_words)];
  found_ids uuid[];
begin
  return query select r.id, 0 from record r where r.organisation = org and r.ref = any (p_refs) and r.register = any (p_registers);
  for i in 1 .. 2 loop
    found_ids := array(select n.id from (select r.id, r.register, r.search from record r where r.organisation = org order by r.id desc limit 1000) n
      where n.search @@ asked[i] and n.register = any (p_registers) limit p_most);
    if cardinality(found_ids) < p_most then
      found_ids := array(select x.id from (select r.id, r.updated_at from record r
          where r.search @@ asked[i] and r.organisation + 0 = org and r.register || '' = any (p_registers) limit p_most * 10) x
        order by x.updated_at desc limit p_most);
    end if;
    return query select unnest(found_ids), i;
    -- Enough titles say it: nobody looks beyond them.
    exit when cardinality(found_ids) >= p_most;
  end loop;
end $$;
revoke all on function search_records from public;
grant execute on function search_records to aims_app;
