-- Whoever made a release that waits, or was refused, and whoever asked the gate about one that it did not let through: my work begins from them.
create index record_waits_of on record (organisation, created_by, number) where register = 'release' and state in ('submitted', 'refused');
create index record_not_let_through on record (organisation, created_by, number) where register = 'gateDecision' and "values"->>'verdict' <> 'allow';
