-- A link says from which register it comes, the number it has there, and which reference it names. None of them ever changes for a record;
-- without them, whoever asked what links to an AI system fetched every record that does, to find or to count the few of one register.
alter table link add column from_register text collate "C", add column from_number integer, add column to_ref text collate "C";
do $$ declare org integer; begin
  -- One organisation after the other: each is looked up within itself, and what is held at once stays small.
  for org in select id from organisation order by id loop
    update link l set from_register = f.register, from_number = f.number, to_ref = t.ref from record f, record t
      where l.organisation = org and f.organisation = org and f.id = l.from_id and t.organisation = org and t.id = l.to_id;
  end loop;
end $$;
create index link_to on link (organisation, to_id, from_register, name, from_number, from_id);
drop index link_back;
alter table link alter column from_register set not null, alter column from_number set not null, alter column to_ref set not null;

-- Time never runs backwards in an organisation's log. What waits for its place says when it was made, as its entry does; the log itself keeps
-- the newest moment that an entry of it speaks of.
create function entry_time(p_entry bytea) returns timestamptz language plpgsql immutable parallel safe as $$
begin
  -- Canonical JSON sorts its names: nothing that a person wrote stands before "at".
  return substring(encode(substring(p_entry from 1 for 200), 'escape') from '"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"')::timestamptz;
end $$;
alter table outbox add column at timestamptz generated always as (entry_time(entry)) stored;
create index outbox_at on outbox (organisation, at);
alter table log add column newest timestamptz;
update log l set newest = (select max(entry_time(f.entry)) from leaf f where f.organisation = l.organisation);

-- As the application writes moments; never earlier than the moment itself.
create function instant_text(p timestamptz) returns text language sql immutable as
  $$ select to_char((p + interval '999 microseconds') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- Refuses a moment before the newest entry of the organisation, which it tells as detail. Requests that are at work at the same time are committed
-- in another order than they looked at the clock: a quarter of a second is no clock set back.
create function demand_time(p_moment timestamptz) returns void language plpgsql as $$
declare
  org integer := present_organisation();
  newest timestamptz := greatest((select l.newest from log l where l.organisation = org), (select max(o.at) from outbox o where o.organisation = org));
begin
  if p_moment < newest - interval '250 milliseconds' then
    raise exception 'before the newest entry' using errcode = 'AI024', detail = instant_text(newest);
  end if;
end $$;

create or replace function note_in_log(p_entries text[]) returns void language plpgsql as $$
begin
  perform demand_time((select min(entry_time(convert_to(e, 'UTF8'))) from unnest(p_entries) e));
  insert into outbox (organisation, entry) select present_organisation(), convert_to(e, 'UTF8')
    from unnest(p_entries) with ordinality as x(e, place) order by place;
end $$;

-- The statement that writes: links with the columns above, and nothing before the newest entry of the organisation, nor a version before the one
-- it follows. Otherwise as in 0004.
create or replace function write_records(p jsonb) returns jsonb language plpgsql as $$
declare
  org integer := present_organisation();
  moment timestamptz := (p->>'at')::timestamptz;
  changes jsonb := p->'changes';
  total integer := jsonb_array_length(p->'changes');
  created integer; hit integer; earlier jsonb; lost record; links record;
begin
  if p ? 'idempotency' then
    insert into idempotency (organisation, actor, key, fingerprint, result, at)
      values (org, p->>'actor', p->'idempotency'->>'key', p->'idempotency'->>'fingerprint',
              p->'idempotency'->'result', moment)
      on conflict do nothing;
    if not found then
      select jsonb_build_object('replay', i.result, 'fingerprint', i.fingerprint) into earlier from idempotency i
        where i.organisation = org and i.actor = p->>'actor' and i.key = p->'idempotency'->>'key';
      return earlier;
    end if;
  end if;
  perform demand_time(moment);
  insert into record (organisation, id, register, number, ref, state, version, title, "values", derived, owner,
      unique_key, material, due, hidden_from, created_at, created_by, updated_at, updated_by, search,
      t1, t2, t3, t4, t5, t6, t7, t8, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4)
    select org, c.id, c.register, c.number, c.ref, c.state, c.version, c.title, c."values", c.derived, c.owner,
      c."uniqueKey", c.material, c.due, c."hiddenFrom", moment, p->>'actor', moment, p->>'actor',
      to_tsvector('simple', c.search) || array_to_tsvector(array[c.scope]),
      c.t1, c.t2, c.t3, c.t4, c.t5, c.t6, c.t7, c.t8, c.n1, c.n2, c.n3, c.n4, c.n5, c.n6, c.d1, c.d2, c.d3, c.d4
    from jsonb_to_recordset(changes) as c(id uuid, register text, number int, ref text, state text, version int,
      title text, "values" jsonb, derived jsonb, owner text, "uniqueKey" text, material text, due date, "hiddenFrom" text[], search text, scope text, expect int,
      t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, n1 float8, n2 float8, n3 float8,
      n4 float8, n5 float8, n6 float8, d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz)
    where c.expect is null;
  get diagnostics created = row_count;
  if created < total then
    update record r set state = c.state, version = c.version, title = c.title, "values" = c."values",
        derived = c.derived, owner = c.owner, unique_key = c."uniqueKey",
        material = c.material, due = c.due, hidden_from = c."hiddenFrom", updated_at = moment, updated_by = p->>'actor',
        search = to_tsvector('simple', c.search) || array_to_tsvector(array[c.scope]),
        t1 = c.t1, t2 = c.t2, t3 = c.t3, t4 = c.t4, t5 = c.t5, t6 = c.t6, t7 = c.t7, t8 = c.t8,
        n1 = c.n1, n2 = c.n2, n3 = c.n3, n4 = c.n4, n5 = c.n5, n6 = c.n6, d1 = c.d1, d2 = c.d2, d3 = c.d3, d4 = c.d4
      from jsonb_to_recordset(changes) as c(id uuid, state text, version int, title text, "values" jsonb,
        derived jsonb, owner text, "uniqueKey" text, material text, due date, "hiddenFrom" text[], search text, scope text, expect int,
        t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, n1 float8, n2 float8, n3 float8,
        n4 float8, n5 float8, n6 float8, d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz)
      where r.organisation = org and r.id = c.id and r.version = c.expect and r.updated_at <= moment;
    get diagnostics hit = row_count;
    if created + hit <> total then
      select r.updated_at as at into lost from jsonb_to_recordset(changes) as c(id uuid, expect int)
        join record r on r.organisation = org and r.id = c.id and r.version = c.expect where r.updated_at > moment order by r.updated_at desc limit 1;
      if found then
        raise exception 'before the version it follows' using errcode = 'AI024', detail = instant_text(lost.at);
      end if;
      select c.ref into lost from jsonb_to_recordset(changes) as c(id uuid, ref text, version int, expect int)
        where c.expect is not null and not exists (select from record r
          where r.organisation = org and r.id = c.id and r.version = c.version) limit 1;
      raise exception '% was changed by somebody else meanwhile', lost.ref using errcode = 'AI002';
    end if;
    delete from link d using jsonb_to_recordset(changes) as c(id uuid, expect int, links jsonb), jsonb_object_keys(c.links) n
      where c.expect is not null and d.organisation = org and d.from_id = c.id and d.name = n;
  end if;
  insert into version (organisation, record_id, version, at, act, transition, state, actor, digest)
    select org, c.id, c.version, moment, c.act, c.transition, c.state, p->>'actor', c.digest
    from jsonb_to_recordset(changes) as c(id uuid, version int, act text, transition text, state text, digest text);
  insert into content (organisation, record_id, version, part, value)
    select org, c.id, c.version, g.key, g.value->'value'
    from jsonb_to_recordset(changes) as c(id uuid, version int, parts jsonb), jsonb_each(c.parts) g;
  insert into secret (organisation, record_id, version, part, salt)
    select org, c.id, c.version, g.key, decode(g.value->>'salt', 'hex')
    from jsonb_to_recordset(changes) as c(id uuid, version int, parts jsonb), jsonb_each(c.parts) g;
  -- Each reference is looked up by its key; only records of the register that the link names count.
  with wanted as materialized (
    select c.id, c.register as own, c.number, l.key as name, l.value->>'register' as register, x.ref
      from jsonb_to_recordset(changes) as c(id uuid, register text, number int, links jsonb), jsonb_each(c.links) l,
        jsonb_array_elements_text(l.value->'refs') x(ref)),
  resolved as materialized (
    select w.*, r.id as to_id from wanted w left join lateral (select r.id from record r
      where r.organisation = org and r.ref = w.ref and r.register = w.register limit 1) r on true),
  stored as (
    insert into link (organisation, from_id, name, to_id, from_register, from_number, to_ref)
      select org, id, name, to_id, own, number, ref from resolved where to_id is not null on conflict do nothing returning 1)
  select (select count(*) from resolved) as wanted, (select count(*) from stored) as stored,
      m.name, m.register, m.refs into links
    from (select) one left join (select name, register, string_agg(ref, ', ') as refs from resolved where to_id is null
      group by id, name, register limit 1) m on true;
  if links.wanted <> links.stored then
    raise exception '%', coalesce(links.refs, 'a reference given twice') using errcode = 'AI003', detail = links.name,
      hint = links.register;
  end if;
  select x.field, x.ref into lost from jsonb_to_recordset(changes) as c(people jsonb),
      jsonb_to_recordset(c.people) as x(field text, ref text)
    left join lateral (select true as known from record r
      where r.organisation = org and r.ref = x.ref and r.register = 'person' limit 1) r on true
    where known is null limit 1;
  if found then
    raise exception '%', lost.ref using errcode = 'AI003', detail = lost.field, hint = 'person';
  end if;
  insert into outbox (organisation, entry, record_id, version)
    select org, convert_to(c.entry, 'UTF8'), c.id, c.version
    from jsonb_to_recordset(changes) as c(id uuid, version int, entry text);
  return null;
end $$;
