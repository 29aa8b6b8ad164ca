"""Tables shared by the families of ``state/``; part of the one database of the sandbox."""

SCHEMA = """
-- What accounts made through the API, one row per thing, in the order it was made.
CREATE TABLE IF NOT EXISTS document (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (appid, kind, key)
);
CREATE INDEX IF NOT EXISTS document_in_order ON document (appid, kind, seq);
CREATE TABLE IF NOT EXISTS blob (key TEXT PRIMARY KEY, content_type TEXT NOT NULL, bytes BLOB NOT NULL);
-- What happened, for statistics: one row per follow, read, message and callback.
CREATE TABLE IF NOT EXISTS fact (
    appid TEXT NOT NULL, at REAL NOT NULL, kind TEXT NOT NULL, person INTEGER NOT NULL, ref TEXT NOT NULL,
    source INTEGER NOT NULL, amount INTEGER NOT NULL
);
-- Companies: like accounts they outlast a reset.
CREATE TABLE IF NOT EXISTS corp (corpid TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS fact_in_time ON fact (appid, kind, at);
"""
TABLES = ("document", "blob", "fact")
