-- The words of a record are kept with the number of its organisation before them (`wordsIn` in src/register/words.ts): the index of words knows no
-- organisations, so that a common word cost everybody what all organisations together say, and told by its time whether another says it. Now a search
-- reads what its own organisation says. What was stored before is cut anew at the next start.
alter table record alter column words_rule set default 2;
drop index record_words_rule;
create index record_words_rule on record (words_rule) where words_rule < 2;

-- What is asked, for the words of the present organisation. Words are kept in letters and digits: a quotation mark before one begins it.
create function words_here(p_query text) returns tsquery language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select to_tsquery('simple', regexp_replace(p_query, $q$'(?=t?w)$q$, $q$'o$q$ || present_organisation(), 'g'))
$$;
revoke all on function words_here from public;
grant execute on function words_here to aims_app;

-- What was written last waits in a list of its own that every search reads through: 512 kB of it, no more 4 MB.
alter index record_search set (gin_pending_list_limit = 512);

create or replace function search_numbers(p_register text, p_query text, p_before integer, p_after integer, p_limit integer)
returns setof integer language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  org integer := present_organisation();
  q tsquery := words_here(p_query) && ('''' || org || ':' || p_register || '''')::tsquery;
  up boolean := p_after is not null;
  edge integer := coalesce(p_after, p_before, 2147483647);
  found_n integer[];
begin
  if p_limit <= 201 then
    execute format('select array(select number from (select number, search from record
        where organisation = $1 and register = $2 and number %1$s $4 order by number %2$s limit 1000) near
      where search @@ $3 order by number %2$s limit $5)', case when up then '>' else '<' end, case when up then 'asc' else 'desc' end)
      into found_n using org, p_register, q, edge, p_limit;
    if cardinality(found_n) >= p_limit then
      return query select unnest(found_n);
      return;
    end if;
  end if;
  return query execute format('select number from record where search @@ $3 and organisation + 0 = $1 and register || '''' = $2
      and number + 0 %1$s $4 order by number + 0 %2$s limit $5', case when up then '>' else '<' end, case when up then 'asc' else 'desc' end)
    using org, p_register, q, edge, p_limit;
end $$;

create or replace function search_records(p_refs text[], p_title text, p_words text, p_registers text[], p_most integer)
returns table (id uuid, place integer) language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  org integer := present_organisation();
  asked text[] := array[p_title, p_words];
  near_title uuid[];
  near_words uuid[];
  found_ids uuid[];
  title tsquery := words_here(p_title);
  anywhere tsquery := words_here(p_words);
  words tsquery;
begin
  return query select r.id, 0 from record r where r.organisation = org and r.ref = any (p_refs) and r.register = any (p_registers);
  select array_agg(n.id) filter (where n.search @@ title), array_agg(n.id) filter (where n.search @@ anywhere)
    into near_title, near_words
    from (select r.id, r.register, r.search from record r where r.organisation = org order by r.id desc limit 1000) n
    where n.register = any (p_registers);
  for i in 1 .. 2 loop
    found_ids := case i when 1 then near_title[1:p_most] else near_words[1:p_most] end;
    -- A word as it is asked for, then as the beginning of others. Words are kept in letters and digits: nothing else in the text is `:*`.
    for whole in reverse 1 .. 0 loop
      exit when cardinality(found_ids) >= p_most;
      words := words_here(case whole when 1 then replace(asked[i], ':*', '') else asked[i] end);
      found_ids := array(select x.id from (select r.id, r.updated_at from record r
          where r.search @@ words and r.organisation + 0 = org and r.register || '' = any (p_registers) limit p_most * (4 - 2 * whole)) x
        order by x.updated_at desc limit p_most);
    end loop;
    return query select unnest(found_ids), i;
    -- Enough titles say it: nobody looks beyond them.
    exit when cardinality(found_ids) >= p_most;
  end loop;
end $$;
