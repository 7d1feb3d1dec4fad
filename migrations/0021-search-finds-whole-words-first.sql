-- Searching over all registers costs less for common words: the newest records are read once for titles and texts together, whole words are asked for
-- before unfinished ones (whose index entries must all be gathered), and no more matches are gathered than twice what is listed, four times for
-- unfinished words. Nobody looks beyond a full list: the answer says that there is more. Where there are other organisations, the index is asked for the
-- registers of this one as well: it knows no organisations, and the records of all of them would be read to leave out those of the others.
create or replace function search_records(p_refs text[], p_title text, p_words text, p_registers text[], p_most integer)
returns table (id uuid, place integer) language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  org integer := present_organisation();
  asked text[] := array[p_title, p_words];
  near_title uuid[];
  near_words uuid[];
  found_ids uuid[];
  here tsquery := case when exists (select from organisation o where o.id <> org)
    then (select string_agg(format('''%s:%s''', org, r), ' | ') from unnest(p_registers) r)::tsquery end;
  words tsquery;
begin
  return query select r.id, 0 from record r where r.organisation = org and r.ref = any (p_refs) and r.register = any (p_registers);
  select array_agg(n.id) filter (where n.search @@ to_tsquery('simple', p_title)), array_agg(n.id) filter (where n.search @@ to_tsquery('simple', p_words))
    into near_title, near_words
    from (select r.id, r.register, r.search from record r where r.organisation = org order by r.id desc limit 1000) n
    where n.register = any (p_registers);
  for i in 1 .. 2 loop
    found_ids := case i when 1 then near_title[1:p_most] else near_words[1:p_most] end;
    -- A word as it is asked for, then as the beginning of others. Words are kept in letters and digits: nothing else in the text is `:*`.
    for whole in reverse 1 .. 0 loop
      exit when cardinality(found_ids) >= p_most;
      words := to_tsquery('simple', case whole when 1 then replace(asked[i], ':*', '') else asked[i] end);
      words := case when here is null then words else words && here end;
      found_ids := array(select x.id from (select r.id, r.updated_at from record r
          where r.search @@ words and r.organisation + 0 = org and r.register || '' = any (p_registers) limit p_most * (4 - 2 * whole)) x
        order by x.updated_at desc limit p_most);
    end loop;
    return query select unnest(found_ids), i;
    -- Enough titles say it: nobody looks beyond them.
    exit when cardinality(found_ids) >= p_most;
  end loop;
end $$;
