-- Decisions of the gate in an emergency: what is in use by one alone is looked for from here (src/app/emergencyUse.ts), and not among all that is in use.
create index record_emergency on record (organisation) where register = 'gateDecision' and "values"->>'basis' = 'emergency';
