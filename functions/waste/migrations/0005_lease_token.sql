-- Whose lease it is: by its token a worker that never heard the answer to its claim finds what it has taken.
alter table waste.jobs add column lease_token uuid;
