-- The ledger's second half: keys that rotate, logs that continue other logs, witnesses, time stamps, erasure, snapshots.

-- An organisation has one open log. A log that may no longer be signed (its database was lost, its key was stolen) is frozen, and the
-- next one names its last head. `number` counts them from 1; leaves, tiles and checkpoints say whose they are.
alter table log add column number integer not null default 1;
-- Day (UTC) and size of the newest snapshot entry.
alter table log add column snapshot_day text;
alter table log add column snapshot_size bigint not null default 0;
alter table leaf add column log integer not null default 1;
alter table leaf drop constraint leaf_pkey, add primary key (organisation, log, index);
alter table tile add column log integer not null default 1;
alter table tile drop constraint tile_pkey, add primary key (organisation, log, level, index);
alter table checkpoint add column log integer not null default 1;
alter table checkpoint drop constraint checkpoint_pkey, add primary key (organisation, log, size);
-- The checkpoint of a moment: as-of reads ask for it.
create index checkpoint_at on checkpoint (organisation, at);

create table former_log (
  organisation integer not null references organisation,
  number       integer not null,
  origin       text not null unique,
  size         bigint not null,
  root         bytea not null,
  checkpoint   text,
  -- The head that the next log names: published last, and beyond this database when that one was lost.
  final        text,
  reason       text not null check (reason in ('lost', 'compromised')),
  ended_at     timestamptz not null,
  primary key (organisation, number)
);

-- Keys that sign a log's checkpoints. The private key lies in the file `name` of the key folder. A key with an end signs beside its
-- successor until then.
create table log_key (
  organisation integer not null references organisation,
  log          integer not null,
  vkey         text not null,
  name         text not null,
  since        timestamptz not null,
  until        timestamptz,
  primary key (organisation, log, vkey)
);

-- Read token of a private log: SHA-256 of it.
alter table organisation add column log_token bytea check (octet_length(log_token) = 32);

create table witness (
  organisation integer not null references organisation,
  vkey         text not null check (length(vkey) <= 1200),
  url          text not null check (length(url) <= 2000),
  added_at     timestamptz not null,
  removed_at   timestamptz,
  -- The last answer: size it cosigned, or what went wrong.
  size         bigint,
  asked_at     timestamptz,
  problem      text,
  primary key (organisation, vkey)
);

create table cosignature (
  organisation integer not null references organisation,
  log          integer not null,
  size         bigint not null,
  vkey         text not null,
  line         text not null check (length(line) <= 8000),
  at           timestamptz not null,
  primary key (organisation, log, size, vkey),
  foreign key (organisation, log, size) references checkpoint
);

-- An RFC 3161 time-stamping authority; `chain` is PEM, its own certificate and those above it.
create table stamp_service (
  organisation integer primary key references organisation,
  url          text not null check (length(url) <= 2000),
  chain        text not null check (length(chain) <= 65536),
  every        text not null check (every in ('hour', 'day')),
  added_at     timestamptz not null
);

-- Stamps asked for and had. Without a token it still waits: for the authority, or for a network.
create table stamp (
  organisation integer not null references organisation,
  log          integer not null,
  size         bigint not null,
  queued_at    timestamptz not null,
  tries        integer not null default 0,
  tried_at     timestamptz,
  problem      text,
  url          text,
  chain        text,
  token        bytea,
  stamped_at   timestamptz,
  primary key (organisation, log, size),
  foreign key (organisation, log, size) references checkpoint
);

create function keep_token() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.token is not null then
    raise exception 'a time stamp is kept as it was given: % is refused', tg_op using errcode = 'AI001';
  end if;
  return new;
end $$;
create trigger keep_token before update or delete on stamp for each row execute function keep_token();
create trigger append_only before update or delete on cosignature for each row execute function refuse_rewrite();
create trigger append_only before update or delete on former_log for each row execute function refuse_rewrite();
do $$ declare t text; begin
  foreach t in array array['stamp','cosignature','former_log'] loop
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_rewrite()', t);
  end loop;
end $$;

do $$ declare t text; begin
  foreach t in array array['former_log','log_key','witness','cosignature','stamp_service','stamp'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy own on %I to aims_app using (organisation = (select present_organisation()))
                    with check (organisation = (select present_organisation()))', t);
  end loop;
end $$;
grant select, insert on former_log, cosignature to aims_app;
grant select, insert, update on log_key, witness, stamp to aims_app;
grant select, insert, update, delete on stamp_service to aims_app;
grant update (log_public, log_token) on organisation to aims_app;
create policy own_change on organisation for update to aims_app using (id = (select present_organisation()))
  with check (id = (select present_organisation()));

-- Entries about the log itself, written in the transaction of what they tell of.
create function note_in_log(p_entries text[]) returns void language sql as $$
  insert into outbox (organisation, entry) select present_organisation(), convert_to(e, 'UTF8')
    from unnest(p_entries) with ordinality as x(e, place) order by place
$$;

-- The only thing that deletes from content and secret. `p_parts` = [[record id, version, part], …]; `p_entries` are the log entries that
-- say so, at least one: nothing is erased in silence. Returns how many parts were there to erase.
create function erase_parts(p_parts jsonb, p_entries text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare org integer := present_organisation(); gone integer;
begin
  if coalesce(cardinality(p_entries), 0) = 0 then
    raise exception 'an erasure without an entry in the log is refused' using errcode = 'AI001';
  end if;
  delete from secret s using jsonb_array_elements(p_parts) x
    where s.organisation = org and s.record_id = (x->>0)::uuid and s.version = (x->>1)::int and s.part = x->>2;
  delete from content c using jsonb_array_elements(p_parts) x
    where c.organisation = org and c.record_id = (x->>0)::uuid and c.version = (x->>1)::int and c.part = x->>2;
  get diagnostics gone = row_count;
  perform note_in_log(p_entries);
  return gone;
end $$;
revoke all on function erase_parts from public;
grant execute on function erase_parts to aims_app;

-- Freezes the open log and begins the next one, in the transaction of the record that says why. `p` = {number, size, final, reason, at,
-- next: {origin, root (hex), vkey, key}, entry}. Refuses when the log grew since it was read. The first entry takes an id below zero: it is
-- placed before everything that waits. An empty day makes the next batch take a snapshot: the new log says at once what every record was.
create function begin_log(p jsonb) returns void language plpgsql as $$
declare org integer := present_organisation(); moment timestamptz := (p->>'at')::timestamptz; n integer := (p->>'number')::int;
begin
  perform pg_advisory_xact_lock(42001, org);
  insert into former_log (organisation, number, origin, size, root, checkpoint, final, reason, ended_at)
    select organisation, number, origin, size, root, checkpoint, p->>'final', p->>'reason', moment
    from log where organisation = org and number = n and size = (p->>'size')::bigint;
  if not found then
    raise exception 'the log was changed by somebody else meanwhile' using errcode = 'AI002';
  end if;
  update log_key set until = moment where organisation = org and log = n and (until is null or until > moment);
  update log set number = n + 1, origin = p->'next'->>'origin', size = 0, root = decode(p->'next'->>'root', 'hex'), checkpoint = null,
    snapshot_day = '', snapshot_size = 0 where organisation = org;
  insert into log_key (organisation, log, vkey, name, since)
    values (org, n + 1, p->'next'->>'vkey', p->'next'->>'key', moment);
  insert into outbox (organisation, id, entry) overriding system value values (org, -(n + 1), convert_to(p->>'entry', 'UTF8'));
end $$;

-- Entries about the log itself are few: snapshots and erasures are found among them.
create index leaf_notes on leaf (organisation, log, index) where record_id is null;

-- Ends what the identity part holds of a person of the present organisation: membership, invitations, answers to earlier requests (their
-- fingerprints are digests of what was sent), and the account with password and sessions when it belongs to nobody else. `p_emails` are the
-- addresses the record ever named: an account under one of them that belongs nowhere goes as well. The role of the application may
-- delete none of this, and this function only within its organisation.
create function erase_account(p_person text, p_emails text[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare org integer := present_organisation(); users text[];
begin
  with left_behind as (delete from membership where organisation = org and person_ref = p_person returning user_id)
    select array_agg(id) into users from (
      select user_id as id from left_behind union select id from identity_user where email = any(p_emails)) known
    where not exists (select from membership m where m.user_id = known.id and not (m.organisation = org and m.person_ref = p_person));
  delete from identity_verification v using identity_user u
    where u.id = any(users) and (v.identifier = u.email or v.value = u.id);
  delete from invitation where organisation = org and person_ref = p_person;
  delete from idempotency where organisation = org and (actor = p_person or result->'record'->>'ref' = p_person);
  delete from identity_user where id = any(users);
end $$;
revoke all on function erase_account from public;
grant execute on function erase_account to aims_app;
