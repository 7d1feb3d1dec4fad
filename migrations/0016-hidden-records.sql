-- Records that are hidden from somebody are few; what is counted for each reader looks at them alone.
create index record_hidden on record (organisation) where hidden_from is not null;
