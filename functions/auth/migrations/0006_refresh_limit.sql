alter table auth.sessions
  -- The hour in which refreshes are counted, and how many there were; the first refresh after it begins another.
  add column refresh_window_ends_at timestamptz,
  add column refreshes_in_window integer not null default 0;
