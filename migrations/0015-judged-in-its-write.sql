-- Some writes rest on a verdict over many records: a release is put into use because the gate, asked in that very moment, lets it through. They judge and
-- write while nothing else of the organisation is written (`judge_alone`); every other write holds the same lock with the others. It is taken before any
-- row is locked: each write begins with an insert of records, be it of none.
create function judge_alone() returns void language sql as $$
  select pg_advisory_xact_lock(42015, present_organisation())
$$;
create function written_together() returns trigger language plpgsql as $$
begin
  -- Outside an organisation there is nothing to keep together.
  perform pg_advisory_xact_lock_shared(42015, nullif(current_setting('app.organisation', true), '')::integer);
  return null;
end $$;
create trigger record_written_together before insert on record for each statement execute function written_together();
