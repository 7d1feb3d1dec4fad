-- What the gate would say now of each release in use, as it was found last: it can be found anew at any time, is never signed, and is in no pack.
-- `log` and `size` say how many entries of the organisation there were when it was judged (placed and waiting), `anew_at` from when on time alone
-- may have changed it. Nobody reads a row but together with the record it is about, which has a policy of its own.
create table use_finding (
  organisation integer not null references organisation,
  release_id   uuid not null,
  log          integer not null,
  size         bigint not null,
  judged_at    timestamptz not null,
  anew_at      timestamptz not null,
  verdict      text not null check (verdict in ('allow', 'refuse', 'insufficient')),
  reasons      text[] not null,
  primary key (organisation, release_id)
);
alter table use_finding enable row level security;
create policy own on use_finding to aims_app using (organisation = (select present_organisation()))
  with check (organisation = (select present_organisation()));
grant select, insert, update, delete on use_finding to aims_app;

-- As before, and organisations with a release in use that was not judged as things stand now.
create or replace function organisations_with(p_what text, p_at timestamptz) returns table (organisation integer, slug text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if p_what = 'log' then
    return query select o.id, o.slug from organisation o join log l on l.organisation = o.id order by o.id;
  elsif p_what = 'entries to place' then
    return query select o.id, o.slug from organisation o where o.id in (
      select x.organisation from outbox x union
      select l.organisation from log l where l.size > l.snapshot_size and l.snapshot_day < to_char(p_at at time zone 'UTC', 'YYYY-MM-DD'));
  elsif p_what = 'witness' then
    return query select o.id, o.slug from organisation o
      where o.id in (select w.organisation from witness w where w.removed_at is null) order by o.id;
  elsif p_what = 'time stamps' then
    return query select o.id, o.slug from organisation o where o.id in (select s.organisation from stamp_service s) order by o.id;
  elsif p_what = 'words that are due' then
    return query select o.id, o.slug from organisation o
      where o.id in (select w.organisation from waiting_word w where w.due <= p_at) order by o.id;
  elsif p_what = 'emergency under way' then
    return query select o.id, o.slug from organisation o where exists (select from record r where r.organisation = o.id
      and r.register = 'change' and r."values"->>'kind' = 'emergency' and r.state in ('submitted', 'approved', 'implemented')) order by o.id;
  elsif p_what = 'releases in use' then
    return query select o.id, o.slug from organisation o join log l on l.organisation = o.id where exists (select from record r
      left join use_finding f on f.organisation = r.organisation and f.release_id = r.id and f.log = l.number
        and f.size = l.size + (select count(*) from outbox x where x.organisation = o.id) and f.anew_at > p_at
      where r.organisation = o.id and r.register = 'release' and r.state = 'shipped' and f.release_id is null) order by o.id;
  else
    raise exception 'nobody looks for organisations with %', p_what;
  end if;
end $$;
