-- What the pretend payment provider has on its side.
CREATE TABLE IF NOT EXISTS charges (
  payment TEXT PRIMARY KEY, amount BIGINT NOT NULL, taken INTEGER NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL);
