-- Requests log in as roles that own nothing (src/store/logins.ts), so what looks across organisations is asked of the functions below: each
-- answers one question of the server itself, with as little as it needs. As the owner of the tables, because no policy lets the
-- application see more than one organisation.

-- The organisation of an address, before it is known who asks.
create function organisation_named(p_slug text)
returns table (id integer, slug text, name text, log_public boolean, demo boolean, origin text, number integer)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select o.id, o.slug, o.name, o.log_public, o.demo, l.origin, l.number
    from organisation o join log l on l.organisation = o.id where o.slug = p_slug
$$;

-- Organisations that the background work has to look at, and nothing of what is in them.
create function organisations_with(p_what text, p_at timestamptz) returns table (organisation integer, slug text)
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
  else
    raise exception 'nobody looks for organisations with %', p_what;
  end if;
end $$;

-- The first run happens once. The row is written in the transaction that makes its organisation, and finished in the one that makes its first
-- member: of several at once, one gets through.
create table first_run (
  once         boolean primary key default true check (once),
  organisation integer not null references organisation,
  finished_at  timestamptz
);
-- Read by the functions below alone, which run as the owner.
alter table first_run enable row level security;

-- An organisation with its open log, and the log's first entry: all or nothing. `p` = {slug, name, logPublic, demo, at, size, origin, root (hex),
-- vkey, keyName, entry, firstRun}. Answers its number; null when the slug is taken. A first run that was broken off goes on with the
-- organisation it began. Raises AI030 when the first run is over, AI031 (with the slug) when another organisation was begun.
create function create_organisation(p jsonb) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare made integer; moment timestamptz := (p->>'at')::timestamptz; begun record;
begin
  if (p->>'firstRun')::boolean then
    perform pg_advisory_xact_lock(420012014);
    if exists (select from membership) then
      raise exception 'the first account exists already' using errcode = 'AI030';
    end if;
    select o.id, o.slug into begun from first_run f join organisation o on o.id = f.organisation;
    if found then
      if begun.slug <> p->>'slug' then
        raise exception '%', begun.slug using errcode = 'AI031';
      end if;
      return begun.id;
    end if;
    -- Begun before first runs were noted, and broken off.
    select o.id into made from organisation o where o.slug = p->>'slug';
    if found then
      insert into first_run (organisation) values (made);
      return made;
    end if;
  end if;
  insert into organisation (slug, name, log_public, demo, created_at, size)
    values (p->>'slug', p->>'name', (p->>'logPublic')::boolean, (p->>'demo')::boolean, moment, (p->>'size')::integer)
    on conflict (slug) do nothing returning id into made;
  if made is null then return null; end if;
  insert into log (organisation, origin, size, root) values (made, p->>'origin', 0, decode(p->>'root', 'hex'));
  insert into log_key (organisation, log, vkey, name, since) values (made, 1, p->>'vkey', p->>'keyName', moment);
  insert into outbox (organisation, entry) values (made, convert_to(p->>'entry', 'UTF8'));
  if (p->>'firstRun')::boolean then insert into first_run (organisation) values (made); end if;
  return made;
end $$;

-- Uses the first run up, in the transaction that makes its first member. Raises AI030 when somebody else was faster.
create function finish_first_run(p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update first_run set finished_at = p_at where organisation = present_organisation() and finished_at is null;
  if not found or exists (select from membership) then
    raise exception 'the first account exists already' using errcode = 'AI030';
  end if;
end $$;

revoke all on function organisation_named, organisations_with, create_organisation, finish_first_run from public;
grant execute on function organisation_named, organisations_with, create_organisation, finish_first_run to aims_app;

-- Somebody of top management stays: held here too, because two who leave at the same moment cannot see each other. Only its holders grant the
-- role, so nobody could get it back. What the engine itself does is not held up.
create function top_management_stays() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(420012027, new.organisation);
  if not exists (select from record r where r.organisation = new.organisation and r.register = 'person' and r.state = 'active'
      and r."values"->'roles' ? 'topManagement') then
    raise exception '%', new.ref using errcode = 'AI032';
  end if;
  return null;
end $$;
create constraint trigger top_management_stays after update on record deferrable initially deferred for each row
  when (new.register = 'person' and old.state = 'active' and new.state <> 'active' and new.updated_by <> 'engine'
    and old."values"->'roles' ? 'topManagement') execute function top_management_stays();
