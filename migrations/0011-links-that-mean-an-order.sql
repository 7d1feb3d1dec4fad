-- Everything a link leads to from some records, an edge a row. Links that mean an order (a release before another) must not go in a circle:
-- whoever set one asks this in the same transaction. Only one such transaction of an organisation gets through at a time; the lock is taken
-- before the links are read, so that the second of two sees what the first has stored.
create function links_below(p_register text, p_name text, p_refs text[]) returns table (from_ref text, to_ref text)
language plpgsql volatile as $$
declare org integer := present_organisation();
begin
  perform pg_advisory_xact_lock(42011, org);
  return query
    with recursive below(id) as (
      select r.id from record r where r.organisation = org and r.register = p_register and r.ref = any(p_refs)
      union
      select l.to_id from below b join link l on l.organisation = org and l.from_id = b.id and l.name = p_name)
    select f.ref, t.ref from below b
      join link l on l.organisation = org and l.from_id = b.id and l.name = p_name
      join record f on f.organisation = org and f.id = l.from_id
      join record t on t.organisation = org and t.id = l.to_id;
end $$;
