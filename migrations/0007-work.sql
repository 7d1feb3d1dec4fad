-- What people do across registers: comments beside records, and filters that somebody keeps.

-- Prefixes of the registers that whoever reads may not read, separated by commas; empty for the engine and where nothing is closed.
create function present_closed() returns text language sql stable as
  $$ select coalesce(current_setting('app.closed', true), '') $$;

-- A comment is read by whoever may read the register of its record: what is said about a concern is no more public than the concern.
drop policy own on record;
create policy own on record to aims_app
  using (organisation = (select present_organisation())
    and (hidden_from is null or (select present_actor()) <> all (hidden_from))
    and (register <> 'comment'
      or substring("values"->>'subject' from 1 for 3) <> all (string_to_array((select present_closed()), ','))))
  with check (organisation = (select present_organisation()));

-- A comment is hidden from the same people as its record, whatever writes it, and stays so when the record is hidden from others later.
-- As the owner of the tables: whoever hides a record from themselves must not thereby uncover what was said about it.
create function hide_comment() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  select s.hidden_from into new.hidden_from from record s
    where s.organisation = new.organisation and s.ref = new."values"->>'subject';
  return new;
end $$;
create trigger hide_comment before insert or update on record for each row when (new.register = 'comment')
  execute function hide_comment();

create function hide_comments_of() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
begin
  -- The row is touched, and the trigger above reads the record anew.
  update record set hidden_from = null where organisation = new.organisation and register = 'comment'
    and "values"->>'subject' = new.ref;
  return null;
end $$;
create trigger hide_comments_of after update of hidden_from on record for each row
  when (old.hidden_from is distinct from new.hidden_from) execute function hide_comments_of();

-- A list's question that somebody keeps: theirs alone, or everybody's once an AIMS manager shares it. No record: it says nothing about
-- the organisation, and nobody has to prove it.
create table saved_filter (
  organisation integer not null references organisation,
  id           uuid not null,
  person       text collate "C" not null,
  name         text not null check (length(name) between 1 and 80),
  register     text collate "C" not null,
  query        text not null check (length(query) <= 2000),
  shared       boolean not null default false,
  at           timestamptz not null,
  primary key (organisation, id)
);
create unique index saved_filter_name on saved_filter (organisation, person, register, name);
create index saved_filter_shared on saved_filter (organisation, register) where shared;
alter table saved_filter enable row level security;
create policy own on saved_filter to aims_app using (organisation = (select present_organisation()))
  with check (organisation = (select present_organisation()));
grant select, insert, update, delete on saved_filter to aims_app;
