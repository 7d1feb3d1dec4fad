-- Whom a record names: my work begins from what names the person, and not from everything that waits for somebody. The owner has a column of its own;
-- these fields are read from the values. As in searching (migration 0001), an index over an expression of the values serves nobody under the policies:
-- the function steps behind them, looks only at the present organisation, and gives back numbers; whoever asks reads the records under the policies.
create index record_names_approver on record (organisation, ("values"->>'approver')) where register = 'aiSystem' and "values"->>'approver' is not null;
create index record_names_oversight on record (organisation, ("values"->>'oversight')) where register = 'aiSystem' and "values"->>'oversight' is not null;
create index record_names_verifier on record (organisation, ("values"->>'verifier')) where register = 'action' and "values"->>'verifier' is not null;
create index record_names_on_call on record (organisation, ("values"->>'onCall')) where register = 'change' and "values"->>'onCall' is not null;
create index record_names_overseer on record (organisation, ("values"->>'overseer')) where register = 'release' and "values"->>'overseer' is not null;

create function records_naming(p_person text) returns table (register text, field text, id uuid, number integer)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare org integer := present_organisation();
begin
  return query
    select r.register, 'approver', r.id, r.number from record r
      where r.organisation = org and r.register = 'aiSystem' and r."values"->>'approver' = p_person
    union all select r.register, 'oversight', r.id, r.number from record r
      where r.organisation = org and r.register = 'aiSystem' and r."values"->>'oversight' = p_person
    union all select r.register, 'verifier', r.id, r.number from record r
      where r.organisation = org and r.register = 'action' and r."values"->>'verifier' = p_person
    union all select r.register, 'onCall', r.id, r.number from record r
      where r.organisation = org and r.register = 'change' and r."values"->>'onCall' = p_person
    union all select r.register, 'overseer', r.id, r.number from record r
      where r.organisation = org and r.register = 'release' and r."values"->>'overseer' = p_person;
end $$;
revoke all on function records_naming from public;
grant execute on function records_naming to aims_app;

-- Releases in use, and who made them; decisions by which the gate let something through. A system has more releases than are shipped, and what a decision
-- says besides its verdict is long.
create index record_in_use on record (organisation, number) where register = 'release' and state = 'shipped';
create index record_allows on record (organisation, number) where register = 'gateDecision' and "values"->>'verdict' = 'allow';
create index record_in_use_by on record (organisation, created_by) where register = 'release' and state = 'shipped';

-- What was written on somebody's behalf is little: whether a person had a part in a record is asked of each that waits for them.
create index content_on_behalf on content (organisation, record_id, version) where part = 'actor' and value ? 'for';
