-- What the state of each record that rests on decisions stands on, as it follows from records, links and decisions, whatever day it is: until which
-- day a decision about the record as it is now counts, and until which one that was taken alone ('infinity': without an end; null: there is none). It can be
-- found anew at any time, is never signed, and is in no pack. Nobody reads a row but together with the record it is about, which has a policy of its own.
create table standing (
  organisation integer not null references organisation,
  record_id    uuid not null,
  counts_until text collate "C",
  alone_until  text collate "C",
  primary key (organisation, record_id)
);
-- What is told of standing is about the few that do not count for good.
create index standing_until on standing (organisation, counts_until) where counts_until is distinct from 'infinity';

-- How far that goes: every entry of the log before this place was looked at. `leaf` is the hash of the last of them: in a log with another history
-- nothing of it holds. `rules` is the digest of what it was found by. `upto` is the last record found while all are; null when that is done.
create table standing_head (
  organisation integer primary key references organisation,
  rules        text not null,
  log          integer not null,
  size         bigint not null,
  leaf         bytea,
  upto         uuid
);

do $$ declare t text; begin
  foreach t in array array['standing', 'standing_head'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy own on %I to aims_app using (organisation = (select present_organisation()))
                    with check (organisation = (select present_organisation()))', t);
  end loop;
end $$;
grant select, insert, update, delete on standing, standing_head to aims_app;
