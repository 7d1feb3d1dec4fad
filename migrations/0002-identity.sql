-- Who is asking: accounts, sessions, memberships, invitations, API keys.
-- Roles, state, name and expiry of a person or key are not here: the record says them, and is read in the same
-- statement, so that departing or revoking takes effect with the next request.
--
-- Two roles, two halves. aims_identity reads accounts and sessions, and of the records only people and keys.
-- aims_app, which serves requests, reads nothing here and adds only to its own organisation.

-- The tables of better-auth 1.7.6, frozen here; a test compares them with what the library expects.
create table identity_user (
  id             text primary key,
  name           text not null,
  email          text not null unique check (email = lower(email)),
  email_verified boolean not null,
  image          text,
  created_at     timestamptz not null default current_timestamp,
  updated_at     timestamptz not null default current_timestamp
);

create table identity_session (
  id         text primary key,
  expires_at timestamptz not null,
  token      text not null unique,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null,
  ip_address text,
  user_agent text,
  user_id    text not null references identity_user on delete cascade
);
create index identity_session_user_id_idx on identity_session (user_id);
create index identity_session_expires on identity_session (expires_at);

create table identity_account (
  id                       text primary key,
  account_id               text not null,
  provider_id              text not null,
  user_id                  text not null references identity_user on delete cascade,
  access_token             text,
  refresh_token            text,
  id_token                 text,
  access_token_expires_at  timestamptz,
  refresh_token_expires_at timestamptz,
  scope                    text,
  password                 text,
  created_at               timestamptz not null default current_timestamp,
  updated_at               timestamptz not null
);
create index identity_account_user_id_idx on identity_account (user_id);
create unique index identity_account_password on identity_account (user_id) where provider_id = 'credential';

create table identity_verification (
  id         text primary key,
  identifier text not null,
  value      text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create index identity_verification_identifier_idx on identity_verification (identifier);

-- Attempts with passwords, counted in windows. `key` is a hash: neither addresses nor e-mails are kept here.
create table identity_attempt (
  key   text collate "C" primary key,
  count integer not null,
  until timestamptz not null
);
create index identity_attempt_until on identity_attempt (until);

-- Which account stands behind a person of an organisation. One account may belong to several organisations.
create table membership (
  organisation integer not null references organisation,
  person_ref   text collate "C" not null,
  user_id      text not null references identity_user,
  primary key (organisation, person_ref),
  unique (organisation, user_id)
);
create index membership_user on membership (user_id);

-- Only the SHA-256 of a key is kept; the key has 256 random bits, so a slow hash would protect nothing more.
create table api_key (
  organisation integer not null references organisation,
  key_ref      text collate "C" not null,
  key_hash     text collate "C" not null unique check (key_hash ~ '^[0-9a-f]{64}$'),
  primary key (organisation, key_ref)
);

create table invitation (
  organisation integer not null references organisation,
  token_hash   text collate "C" not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  person_ref   text collate "C" not null,
  email        text not null check (email = lower(email)),
  expires_at   timestamptz not null,
  used_at      timestamptz,
  primary key (organisation, token_hash)
);
create index invitation_person on invitation (organisation, person_ref);

-- A newer invitation of the same person takes the place of the older ones: a link in an old mailbox ends there.
-- Definer rights, because the role that invites may not read invitations.
create function replace_invitation() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from invitation where organisation = new.organisation and person_ref = new.person_ref and used_at is null;
  return new;
end $$;
create trigger replace_older before insert on invitation for each row execute function replace_invitation();
revoke all on function replace_invitation from public;

-- Uses an invitation up and makes the account a member, or raises: in the caller's transaction, so that the person's
-- record joins with it or neither happens. Definer rights: the caller may neither read nor change invitations.
create function accept_invitation(p_token_hash text, p_user_id text, p_now timestamptz) returns text
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare org integer := present_organisation(); person text;
begin
  update invitation set used_at = p_now
    where organisation = org and token_hash = p_token_hash and used_at is null and expires_at > p_now
    returning person_ref into person;
  if person is null then
    raise exception 'the invitation is used, expired or unknown' using errcode = 'AI010';
  end if;
  -- The account may stand behind another person here only if that person has left.
  if exists (select from membership m
             join record r on r.organisation = m.organisation and r.ref = m.person_ref and r.register = 'person'
             where m.organisation = org and m.user_id = p_user_id and m.person_ref <> person and r.state <> 'departed') then
    raise exception 'the account belongs to the organisation already' using errcode = 'AI011';
  end if;
  delete from membership where organisation = org and (person_ref = person or user_id = p_user_id);
  insert into membership (organisation, person_ref, user_id) values (org, person, p_user_id);
  return person;
end $$;
revoke all on function accept_invitation from public;
grant execute on function accept_invitation to aims_app;

do $$ declare t text; begin
  foreach t in array array['membership', 'api_key', 'invitation'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy add_own on %I for insert to aims_app
                    with check (organisation = (select present_organisation()))', t);
    execute format('create policy identity_reads on %I for select to aims_identity using (true)', t);
    execute format('grant insert on %I to aims_app', t);
    execute format('grant select on %I to aims_identity', t);
  end loop;
end $$;

create policy identity_reads on organisation for select to aims_identity using (true);
create policy identity_reads on record for select to aims_identity using (register in ('person', 'apiKey'));
grant select (id, slug, name) on organisation to aims_identity;
grant select (organisation, register, ref, state, "values") on record to aims_identity;
grant select, insert, update, delete
  on identity_user, identity_session, identity_account, identity_verification, identity_attempt to aims_identity;
