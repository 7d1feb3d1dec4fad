-- Records, versions, ledger. Everything that later registers need is here; a new field needs no DDL.
-- Every table begins its primary key with the organisation, so that the data can be distributed by it.
-- The application works as aims_app under row-level security: the second wall behind the permission checks.

do $$ declare r text; begin
  foreach r in array array['aims_app', 'aims_identity'] loop
    -- Roles belong to the server: another database may be making them at this very moment.
    begin
      if not exists (select from pg_roles where rolname = r) then execute format('create role %I nologin', r); end if;
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
  execute format('grant aims_app, aims_identity to %I', current_user);
end $$;
grant usage on schema public to aims_app, aims_identity;

create table organisation (
  id         integer generated always as identity primary key,
  slug       text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$|^[a-z0-9]$'),
  name       text not null check (length(name) between 1 and 200),
  log_public boolean not null default false,
  demo       boolean not null default false,
  created_at timestamptz not null
);

-- Which typed column holds a field for sorting and filtering. Stable: a slot once given is never given to another field.
create table slot (
  register text not null,
  field    text not null,
  slot     text not null,
  primary key (register, field),
  unique (register, slot)
);

create table counter (
  organisation integer not null references organisation,
  register     text not null,
  n            integer not null,
  primary key (organisation, register)
);

create table record (
  organisation integer not null references organisation,
  id           uuid not null,
  register     text collate "C" not null,
  number       integer not null,
  ref          text collate "C" not null,
  state        text collate "C" not null,
  version      integer not null,
  title        text not null,
  "values"     jsonb not null,
  derived      jsonb not null,
  owner        text collate "C",
  unique_key   text collate "C",
  created_at   timestamptz not null,
  created_by   text not null,
  updated_at   timestamptz not null,
  updated_by   text not null,
  search       tsvector not null,
  t1 text collate "C", t2 text collate "C", t3 text collate "C", t4 text collate "C",
  t5 text collate "C", t6 text collate "C", t7 text collate "C", t8 text collate "C",
  n1 float8, n2 float8, n3 float8, n4 float8, n5 float8, n6 float8,
  d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz,
  primary key (organisation, id)
) with (fillfactor = 90);
create unique index record_number on record (organisation, register, number);
create unique index record_ref on record (organisation, ref);
create unique index record_unique_key on record (organisation, register, unique_key) where unique_key is not null;
create index record_state on record (organisation, register, state, number);
create index record_owner on record (organisation, register, owner, number) where owner is not null;
create index record_updated on record (organisation, register, updated_at, number);
create index record_search on record using gin (search) with (fastupdate = on);
do $$ declare c text; begin
  foreach c in array array['t1','t2','t3','t4','t5','t6','t7','t8','n1','n2','n3','n4','n5','n6','d1','d2','d3','d4'] loop
    execute format('create index record_%1$s on record (organisation, register, %1$s, number) where %1$s is not null', c);
  end loop;
end $$;

-- Append-only. What a version says lies in content (values) and secret (salts): the only tables erasure may touch.
create table version (
  organisation integer not null,
  record_id    uuid not null,
  version      integer not null,
  at           timestamptz not null,
  act          text not null,
  transition   text,
  state        text not null,
  actor        text not null,
  digest       text not null,
  primary key (organisation, record_id, version),
  foreign key (organisation, record_id) references record
);

create table content (
  organisation integer not null,
  record_id    uuid not null,
  version      integer not null,
  part         text not null,
  value        jsonb not null,
  primary key (organisation, record_id, version, part),
  foreign key (organisation, record_id, version) references version
);

create table secret (
  organisation integer not null,
  record_id    uuid not null,
  version      integer not null,
  part         text not null,
  salt         bytea not null check (octet_length(salt) = 32),
  primary key (organisation, record_id, version, part),
  foreign key (organisation, record_id, version) references version
);

create table link (
  organisation integer not null,
  from_id      uuid not null,
  name         text collate "C" not null,
  to_id        uuid not null,
  primary key (organisation, from_id, name, to_id),
  foreign key (organisation, from_id) references record,
  foreign key (organisation, to_id) references record
);
create index link_back on link (organisation, to_id, name, from_id);

create table blob (
  organisation integer not null references organisation,
  sha256       text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes        bigint not null,
  at           timestamptz not null,
  primary key (organisation, sha256)
);

create table idempotency (
  organisation integer not null references organisation,
  actor        text not null,
  key          text not null check (length(key) between 1 and 200),
  fingerprint  text not null,
  result       jsonb not null,
  at           timestamptz not null,
  primary key (organisation, actor, key)
);

-- The ledger. An entry waits in the outbox, written in the transaction of the change itself, until the sequencer
-- gives it its place in the tree.
create table outbox (
  organisation integer not null references organisation,
  id           bigint generated always as identity,
  entry        bytea not null,
  record_id    uuid,
  version      integer,
  primary key (organisation, id)
);

create table log (
  organisation integer primary key references organisation,
  origin       text not null unique,
  size         bigint not null default 0,
  root         bytea not null,
  checkpoint   text
);

create table leaf (
  organisation integer not null references log,
  index        bigint not null,
  entry        bytea not null,
  hash         bytea not null check (octet_length(hash) = 32),
  record_id    uuid,
  version      integer,
  primary key (organisation, index)
);
create unique index leaf_record on leaf (organisation, record_id, version) where record_id is not null;

create table tile (
  organisation integer not null references log,
  level        integer not null,
  index        bigint not null,
  hashes       bytea not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
  primary key (organisation, level, index)
);

create table checkpoint (
  organisation integer not null references log,
  size         bigint not null,
  note         text not null,
  at           timestamptz not null,
  primary key (organisation, size)
);

-- Nothing rewrites history.
create function refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'table % is append-only: % is refused', tg_table_name, tg_op using errcode = 'AI001';
end $$;
create trigger append_only before update or delete on version for each row execute function refuse_rewrite();
create trigger append_only_truncate before truncate on version for each statement execute function refuse_rewrite();
create trigger append_only before update or delete on leaf for each row execute function refuse_rewrite();
create trigger append_only_truncate before truncate on leaf for each statement execute function refuse_rewrite();
create trigger append_only before update or delete on checkpoint for each row execute function refuse_rewrite();
create trigger append_only_truncate before truncate on checkpoint for each statement execute function refuse_rewrite();
create trigger content_kept before update on content for each row execute function refuse_rewrite();
create trigger content_kept_truncate before truncate on content for each statement execute function refuse_rewrite();
create trigger secret_kept before update on secret for each row execute function refuse_rewrite();
create trigger secret_kept_truncate before truncate on secret for each statement execute function refuse_rewrite();
create trigger record_kept before delete on record for each row execute function refuse_rewrite();
create trigger record_kept_truncate before truncate on record for each statement execute function refuse_rewrite();

create function grow_only_tile() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or substring(new.hashes from 1 for octet_length(old.hashes)) <> old.hashes
     or octet_length(new.hashes) < octet_length(old.hashes) then
    raise exception 'a tile only ever grows' using errcode = 'AI001';
  end if;
  return new;
end $$;
create trigger grow_only before update or delete on tile for each row execute function grow_only_tile();

create function present_organisation() returns integer language sql stable as
  $$ select current_setting('app.organisation')::integer $$;

do $$ declare t text; begin
  foreach t in array array['counter','record','version','content','secret','link','blob','idempotency','outbox',
                           'log','leaf','tile','checkpoint'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy own on %I to aims_app using (organisation = (select present_organisation()))
                    with check (organisation = (select present_organisation()))', t);
  end loop;
end $$;
alter table organisation enable row level security;
create policy own on organisation for select to aims_app using (id = (select present_organisation()));

grant select on organisation, slot to aims_app;
grant select, insert, update on counter, record to aims_app;
grant select, insert on version, content, secret, blob, idempotency, leaf, checkpoint to aims_app;
grant select, insert, delete on link, outbox to aims_app;
grant select, insert, update on log, tile to aims_app;

-- Numbers ascend, may have gaps, and are taken in a transaction of their own: a counter row held until the end of
-- the write would let only one write at a time through.
create function take_numbers(p_register text, p_count integer) returns integer language plpgsql as $$
declare last integer;
begin
  perform set_config('synchronous_commit', 'off', true);
  insert into counter as c (organisation, register, n) values (present_organisation(), p_register, p_count)
    on conflict (organisation, register) do update set n = c.n + p_count returning n into last;
  return last - p_count + 1;
end $$;

-- The one statement that writes. `p` = {at, actor, idempotency?: {key, fingerprint, result}, changes: [change]}; a
-- change carries the whole new state of one record, its version, its ledger entry. Either all changes are stored, each with its
-- version and entry, or none. Returns null, or {replay} when the idempotency key was used before.
-- It works on all changes at once, never one by one: a plan made before the table has statistics may read a whole register to find
-- one reference, and must then do so once a write, not once a record.
create function write_records(p jsonb) returns jsonb language plpgsql as $$
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
  insert into record (organisation, id, register, number, ref, state, version, title, "values", derived, owner,
      unique_key, created_at, created_by, updated_at, updated_by, search,
      t1, t2, t3, t4, t5, t6, t7, t8, n1, n2, n3, n4, n5, n6, d1, d2, d3, d4)
    select org, c.id, c.register, c.number, c.ref, c.state, c.version, c.title, c."values", c.derived, c.owner,
      c."uniqueKey", moment, p->>'actor', moment, p->>'actor',
      to_tsvector('simple', c.search) || array_to_tsvector(array[c.scope]),
      c.t1, c.t2, c.t3, c.t4, c.t5, c.t6, c.t7, c.t8, c.n1, c.n2, c.n3, c.n4, c.n5, c.n6, c.d1, c.d2, c.d3, c.d4
    from jsonb_to_recordset(changes) as c(id uuid, register text, number int, ref text, state text, version int,
      title text, "values" jsonb, derived jsonb, owner text, "uniqueKey" text, search text, scope text, expect int,
      t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, n1 float8, n2 float8, n3 float8,
      n4 float8, n5 float8, n6 float8, d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz)
    where c.expect is null;
  get diagnostics created = row_count;
  if created < total then
    update record r set state = c.state, version = c.version, title = c.title, "values" = c."values",
        derived = c.derived, owner = c.owner, unique_key = c."uniqueKey", updated_at = moment, updated_by = p->>'actor',
        search = to_tsvector('simple', c.search) || array_to_tsvector(array[c.scope]),
        t1 = c.t1, t2 = c.t2, t3 = c.t3, t4 = c.t4, t5 = c.t5, t6 = c.t6, t7 = c.t7, t8 = c.t8,
        n1 = c.n1, n2 = c.n2, n3 = c.n3, n4 = c.n4, n5 = c.n5, n6 = c.n6, d1 = c.d1, d2 = c.d2, d3 = c.d3, d4 = c.d4
      from jsonb_to_recordset(changes) as c(id uuid, state text, version int, title text, "values" jsonb,
        derived jsonb, owner text, "uniqueKey" text, search text, scope text, expect int,
        t1 text, t2 text, t3 text, t4 text, t5 text, t6 text, t7 text, t8 text, n1 float8, n2 float8, n3 float8,
        n4 float8, n5 float8, n6 float8, d1 timestamptz, d2 timestamptz, d3 timestamptz, d4 timestamptz)
      where r.organisation = org and r.id = c.id and r.version = c.expect;
    get diagnostics hit = row_count;
    if created + hit <> total then
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
    select c.id, l.key as name, l.value->>'register' as register, x.ref
      from jsonb_to_recordset(changes) as c(id uuid, links jsonb), jsonb_each(c.links) l,
        jsonb_array_elements_text(l.value->'refs') x(ref)),
  resolved as materialized (
    select w.*, r.id as to_id from wanted w left join lateral (select r.id from record r
      where r.organisation = org and r.ref = w.ref and r.register = w.register limit 1) r on true),
  stored as (
    insert into link (organisation, from_id, name, to_id)
      select org, id, name, to_id from resolved where to_id is not null on conflict do nothing returning 1)
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

-- Text search. tsvector's match operator is not leakproof, so under row-level security it could not use its index: this function
-- steps behind the policy, looks only at the present organisation, and gives back numbers; the query around it passes the policy again.
-- How many records hold a word is guessed badly (two in a hundred when few words are common), and with it the way to find them:
-- a wrong guess reads half of the register for ten hits, or collects every hit for the first fifty. So a page looks through the next
-- thousand records, where a common word fills it at once; only then the index of words is asked, by conditions that no
-- other index can serve.
create function search_numbers(p_register text, p_query text, p_before integer, p_after integer, p_limit integer)
returns setof integer language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  org integer := present_organisation();
  q tsquery := to_tsquery('simple', p_query) && ('''' || org || ':' || p_register || '''')::tsquery;
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
revoke all on function search_numbers from public;
grant execute on function search_numbers to aims_app;
