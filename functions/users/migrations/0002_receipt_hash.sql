-- How user_hash was made. Receipts from before cannot be made anew, since nobody knows whose they are: a plain hash of the id.
alter table users.deletions
  add column hashed_with text not null default 'sha256' check (hashed_with in ('sha256', 'hmac-sha256'));
