-- Acknowledgement by a mailed link, and concerns without a name.

-- Whether anybody may raise a concern without an account; off until somebody of the organisation opens the door.
alter table organisation add column anonymous_concerns boolean not null default false;
grant update (anonymous_concerns) on organisation to aims_app;

-- One link a person and edition of a document; of the token only its digest.
create table acknowledgement_link (
  organisation  integer not null references organisation,
  token_hash    text not null check (token_hash ~ '^[0-9a-f]{64}$'),
  document      uuid not null,
  edition       integer not null,
  digest        text not null,
  person        text not null,
  communication text not null,
  expires_at    timestamptz not null,
  used_at       timestamptz,
  withdrawn_at  timestamptz,
  primary key (organisation, token_hash),
  foreign key (organisation, document) references record
);
create index acknowledgement_link_open on acknowledgement_link (organisation, document)
  where used_at is null and withdrawn_at is null;

-- Uses a link up, in the transaction of the decision: of two at once, one wins and the other leaves nothing.
create function use_acknowledgement_link(p_hash text, p_at timestamptz) returns void language plpgsql as $$
begin
  update acknowledgement_link set used_at = p_at where organisation = present_organisation() and token_hash = p_hash
    and used_at is null and withdrawn_at is null and expires_at > p_at;
  if not found then raise exception 'the link is used, withdrawn or over' using errcode = 'AI020'; end if;
end $$;

-- Codes by which a concern is followed; `concern` is empty while the concern waits.
create table concern_code (
  organisation integer not null references organisation,
  code_hash    text not null check (code_hash ~ '^[0-9a-f]{64}$'),
  concern      uuid,
  primary key (organisation, code_hash),
  foreign key (organisation, concern) references record
);

-- What was said without a name and waits to be entered together with others: words only, and the end of the interval they came
-- in. No time, no sender, no order between senders. `n` 0 is the concern itself.
create table waiting_word (
  organisation integer not null references organisation,
  code_hash    text not null,
  n            integer not null check (n >= 0),
  due          timestamptz not null,
  content      jsonb not null,
  primary key (organisation, code_hash, n),
  foreign key (organisation, code_hash) references concern_code
);
create index waiting_word_due on waiting_word (organisation, due);

-- Takes waiting words away in the transaction that enters them: [{codeHash, n, concern}]. Another process that was faster makes all of
-- it fail, so that nothing is entered twice.
create function release_waiting(p jsonb) returns void language plpgsql as $$
declare org integer := present_organisation(); taken integer;
begin
  delete from waiting_word w using jsonb_to_recordset(p) as x("codeHash" text, n int)
    where w.organisation = org and w.code_hash = x."codeHash" and w.n = x.n;
  get diagnostics taken = row_count;
  if taken <> jsonb_array_length(p) then
    raise exception 'waiting words were entered by another process' using errcode = 'AI021';
  end if;
  update concern_code c set concern = x.concern from jsonb_to_recordset(p) as x("codeHash" text, concern uuid)
    where c.organisation = org and c.code_hash = x."codeHash" and c.concern is null;
end $$;

alter table acknowledgement_link enable row level security;
create policy own on acknowledgement_link to aims_app using (organisation = (select present_organisation()))
  with check (organisation = (select present_organisation()));
-- Nobody reads these on behalf of a person: only the engine, which has no actor.
do $$ declare t text; begin
  foreach t in array array['concern_code', 'waiting_word'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy own on %I to aims_app
      using (organisation = (select present_organisation()) and (select present_actor()) = '''')
      with check (organisation = (select present_organisation()) and (select present_actor()) = '''')', t);
  end loop;
end $$;
grant select, insert on acknowledgement_link to aims_app;
grant update (used_at, withdrawn_at) on acknowledgement_link to aims_app;
grant select, insert on concern_code to aims_app;
grant update (concern) on concern_code to aims_app;
grant select, insert, delete on waiting_word to aims_app;

-- One person is accountable for an activity of a system, or of the whole organisation: held here too, because two writes at the same moment,
-- or two rows of one file, cannot see each other.
create function one_accountable() returns trigger language plpgsql as $$
declare other record;
begin
  perform pg_advisory_xact_lock(420012026, new.organisation);
  select r.ref as ref, m.ref as own, m."values"->>'activity' as activity, coalesce(s.ref, 'the whole organisation') as place into other
    from record m
      left join link k on k.organisation = m.organisation and k.from_id = m.id and k.name = 'systems'
      left join record s on s.organisation = k.organisation and s.id = k.to_id
      join record r on r.organisation = m.organisation and r.register = 'responsibility' and r.id <> m.id
        and r.state in ('proposed', 'accepted') and r."values"->>'kind' = 'raci' and r."values"->>'part' = 'accountable'
        and r."values"->>'activity' = m."values"->>'activity'
      left join link l on l.organisation = r.organisation and l.from_id = r.id and l.name = 'systems'
    where m.organisation = new.organisation and m.id = new.id and m.state in ('proposed', 'accepted')
      and m."values"->>'kind' = 'raci' and m."values"->>'part' = 'accountable' and l.to_id is not distinct from k.to_id limit 1;
  if found then
    raise exception '% and % both name somebody accountable for % of %', least(other.ref, other.own), greatest(other.ref, other.own),
      other.activity, other.place using errcode = 'AI022';
  end if;
  return null;
end $$;
create constraint trigger one_accountable after insert or update on record deferrable initially deferred
  for each row when (new.register = 'responsibility' and new."values"->>'part' = 'accountable') execute function one_accountable();
