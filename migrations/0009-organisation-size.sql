-- How many people an organisation has, as said at the first run: proposes how much is asked of it, and decides nothing.
alter table organisation add column size integer check (size between 1 and 10000000);
