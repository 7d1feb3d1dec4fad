-- A log ends as well when its key is lost: nobody can sign it any more, and nothing of it is.
alter table former_log drop constraint former_log_reason_check;
alter table former_log add constraint former_log_reason_check check (reason in ('lost', 'compromised', 'keyLost'));

-- Gives the open log another key in place of one that is lost before it signed anything: there is no head yet that a new log could continue, and
-- nobody who trusts the key. `p` = {number, lost, vkey, name, at, entry}; `entry` is the first entry of the log, where that names the key and so
-- has to name this one; it waits below zero. Refuses when the log was signed meanwhile. In the transaction of the record that says why.
create function replace_unsigned_key(p jsonb) returns void language plpgsql as $$
declare org integer := present_organisation(); n integer := (p->>'number')::int;
begin
  perform pg_advisory_xact_lock(42001, org);
  perform from log where organisation = org and number = n and size = 0 and checkpoint is null for update;
  if not found then
    raise exception 'the log was changed by somebody else meanwhile' using errcode = 'AI002';
  end if;
  update log_key set vkey = p->>'vkey', name = p->>'name', since = (p->>'at')::timestamptz
    where organisation = org and log = n and vkey = p->>'lost';
  if not found then
    raise exception 'the log was changed by somebody else meanwhile' using errcode = 'AI002';
  end if;
  if p->>'entry' is not null then
    delete from outbox where organisation = org and id = -n;
    insert into outbox (organisation, id, entry) overriding system value values (org, -n, convert_to(p->>'entry', 'UTF8'));
  end if;
end $$;
