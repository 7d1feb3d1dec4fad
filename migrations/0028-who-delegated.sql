-- Whoever delegated finds what ends soon from their name.
create index record_names_delegator on record (organisation, ("values"->>'delegator')) where register = 'responsibility' and "values"->>'delegator' is not null;
