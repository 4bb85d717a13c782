-- IDENTITY stands for what the database calls a column that numbers its rows and never gives a number twice.

-- The write side.
CREATE TABLE IF NOT EXISTS events (
  seq IDENTITY, stream TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, at BIGINT NOT NULL,
  UNIQUE (stream, version));
CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY, stream TEXT NOT NULL, content TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (ticket IDENTITY, stream TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS dead_letters (
  id IDENTITY, stream TEXT NOT NULL, version INTEGER NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL, at BIGINT NOT NULL,
  UNIQUE (stream, version, stage));

-- The read side: as many generations of it as there are, of which one is shown.
CREATE TABLE IF NOT EXISTS views (id INTEGER PRIMARY KEY, generation BIGINT NOT NULL, position BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS order_view (
  generation BIGINT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, customer TEXT NOT NULL, product TEXT NOT NULL,
  quantity INTEGER NOT NULL, amount BIGINT NOT NULL, status TEXT NOT NULL, reason TEXT, placed_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL, PRIMARY KEY (generation, id));
CREATE INDEX IF NOT EXISTS order_view_seq ON order_view (generation, seq);
CREATE TABLE IF NOT EXISTS order_history (
  generation BIGINT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, what TEXT NOT NULL,
  PRIMARY KEY (generation, id, seq));
CREATE TABLE IF NOT EXISTS product_view (
  generation BIGINT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, price BIGINT NOT NULL, stock INTEGER NOT NULL,
  PRIMARY KEY (generation, id));
CREATE TABLE IF NOT EXISTS product_tags (
  generation BIGINT NOT NULL, tag TEXT NOT NULL, product TEXT NOT NULL, PRIMARY KEY (generation, tag, product));
