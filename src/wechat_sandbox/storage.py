"""What the sandbox remembers: one SQLite database, written through before each answer.

With a file the sandbox continues where it was after a restart, also after a kill; without one a
private temporary database is used, which SQLite removes at exit.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from wechat_sandbox.state import schema

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (appid TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS relation (
    appid TEXT NOT NULL, person INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (appid, person)
) WITHOUT ROWID;
-- Every message and event between a person and an account, in the order it took effect.
CREATE TABLE IF NOT EXISTS line (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, person INTEGER NOT NULL,
    openid TEXT NOT NULL, direction TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL,
    msgid INTEGER, client_msg_id TEXT, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS line_by_person ON line (appid, person, seq);
CREATE TABLE IF NOT EXISTS callback (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, openid TEXT NOT NULL, event TEXT NOT NULL,
    create_time INTEGER NOT NULL, msgid INTEGER, state TEXT NOT NULL, attempts INTEGER NOT NULL, body TEXT,
    line INTEGER, history TEXT
);
CREATE INDEX IF NOT EXISTS callback_by_person ON callback (appid, openid, seq);
CREATE TABLE IF NOT EXISTS hit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, type TEXT NOT NULL,
    event TEXT NOT NULL, person INTEGER NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS agenda (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, person INTEGER NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS biography (person INTEGER PRIMARY KEY, body TEXT NOT NULL);
"""
SERVING = "serving"  # The meta key under which the state says which process has it open.
# Columns that state files of an earlier version lack.
_ADDED_COLUMNS = (("callback", "line", "INTEGER"), ("callback", "history", "TEXT"))
_PLAYED_TABLES = ("relation", "line", "callback", "hit", "agenda", "biography", *schema.TABLES)
_CALLBACK_COLUMNS = (
    "seq", "appid", "openid", "event", "create_time", "msgid", "state", "attempts", "body", "line",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of a conversation, as the person's phone would show it."""

    appid: str
    person: int
    openid: str
    direction: str  # from_person, to_person or note
    kind: str
    at: float
    body: dict[str, Any]
    msgid: int | None = None
    client_msg_id: str | None = None
    seq: int = 0  # Given by the storage: unique, rising.


class Storage:
    """All tables of the sandbox; calls are short and synchronous."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(str(path) if path else "", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        # A killed sandbox keeps what it wrote; only a power cut may lose the last moments.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(_SCHEMA + schema.SCHEMA)
        self._add_columns()
        # Told (appid, openid) of a conversation that changed; empty texts: all of them.
        self.on_change: Callable[[str, str], None] = lambda appid, openid: None

    def _add_columns(self) -> None:
        for table, column, kind in _ADDED_COLUMNS:
            known = {row[1] for row in self._db.execute(f"PRAGMA table_info({table})")}
            if column not in known:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, for the shelves of ``state/``; every statement commits by itself."""
        return self._db

    def close(self) -> None:
        self._db.close()

    def forget_play(self) -> None:
        """Empty everything that people and the product did; accounts stay."""
        for table in _PLAYED_TABLES:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - a fixed list.
        self.on_change("", "")

    # Settings and accounts

    def read_meta(self, key: str) -> Any:
        row = self._db.execute("SELECT body FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else _load(row[0])

    def write_meta(self, key: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, _dump(value)))

    def drop_meta(self, key: str) -> None:
        self._db.execute("DELETE FROM meta WHERE key = ?", (key,))

    def read_accounts(self) -> list[dict[str, Any]]:
        return [_load(row[0]) for row in self._db.execute("SELECT body FROM account ORDER BY ordinal")]

    def write_account(self, appid: str, ordinal: int, body: dict[str, Any]) -> None:
        self._db.execute("INSERT OR REPLACE INTO account VALUES (?, ?, ?)", (appid, ordinal, _dump(body)))
        self.on_change(appid, "")

    def read_corps(self) -> list[dict[str, Any]]:
        return [_load(row[0]) for row in self._db.execute("SELECT body FROM corp ORDER BY ordinal")]

    def write_corp(self, corpid: str, ordinal: int, body: dict[str, Any]) -> None:
        self._db.execute("INSERT OR REPLACE INTO corp VALUES (?, ?, ?)", (corpid, ordinal, _dump(body)))
        self.on_change(corpid, "")

    # People at accounts

    def read_relations(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        for appid, person, body in self._db.execute("SELECT appid, person, body FROM relation"):
            yield appid, person, _load(body)

    def write_relation(self, appid: str, person: int, body: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO relation VALUES (?, ?, ?)", (appid, person, _dump(body)))

    # Conversations and the message log

    def append_line(self, line: Line) -> int:
        """Write a line and return its number."""
        cursor = self._db.execute(
            "INSERT INTO line (appid, person, openid, direction, kind, at, msgid, client_msg_id, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                line.appid, line.person, line.openid, line.direction, line.kind, line.at,
                line.msgid, line.client_msg_id, _dump(line.body),
            ),
        )  # fmt: skip
        self.on_change(line.appid, line.openid)
        return int(cursor.lastrowid or 0)

    def read_lines(self, where: str, values: Sequence[Any], limit: int) -> list[Line]:
        """Return lines in order; ``where`` is one of our own clauses with placeholders."""
        rows = self._db.execute(
            "SELECT appid, person, openid, direction, kind, at, body, msgid, client_msg_id, seq"  # noqa: S608
            f" FROM line WHERE {where} ORDER BY seq LIMIT ?",
            (*values, limit),
        )
        return [_line(row) for row in rows]

    def latest_lines(self, appid: str, person: int, before: int, limit: int) -> list[Line]:
        """Return the last lines of a conversation below ``before``, oldest first."""
        rows = self._db.execute(
            "SELECT appid, person, openid, direction, kind, at, body, msgid, client_msg_id, seq FROM line"
            " WHERE appid = ? AND person = ? AND seq < ? AND direction <> 'blocked'"
            " ORDER BY seq DESC LIMIT ?",
            (appid, person, before, limit),
        )
        return [_line(row) for row in rows][::-1]

    def latest_talkers(self, appid: str, limit: int) -> list[int]:
        """Return the people of an account's latest conversations, latest first."""
        rows = self._db.execute(
            "SELECT person FROM line WHERE appid = ? GROUP BY person ORDER BY max(seq) DESC LIMIT ?",
            (appid, limit),
        )
        return [person for (person,) in rows]

    def last_line_seq(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(seq), 0) FROM line").fetchone()[0])

    def latest_line_at(self) -> float:
        """Return the virtual instant of the latest line, 0 when there is none."""
        return float(self._db.execute("SELECT coalesce(max(at), 0) FROM line").fetchone()[0])

    def count_lines(self) -> dict[str, int]:
        """Return the number of lines by ``direction:kind``."""
        rows = self._db.execute("SELECT direction || ':' || kind, count(*) FROM line GROUP BY 1")
        return {str(name): int(count) for name, count in rows}

    def conversations(self, limit: int) -> list[tuple[str, int, str, int, float]]:
        """Return (appid, person, openid, lines, last at) of each conversation, latest first."""
        return self._db.execute(
            "SELECT appid, person, max(openid), count(*), max(at) FROM line"
            " GROUP BY appid, person ORDER BY max(seq) DESC LIMIT ?",
            (limit,),
        ).fetchall()

    def repeated_intents(self) -> list[tuple[str, str, str, int]]:
        """Return (appid, openid, client_msg_id, times) received more than once."""
        return self._db.execute(
            "SELECT appid, openid, client_msg_id, count(*) FROM line"
            " WHERE direction IN ('to_person', 'blocked') AND client_msg_id IS NOT NULL"
            " GROUP BY 1, 2, 3 HAVING count(*) > 1"
        ).fetchall()

    # Callbacks

    def open_callback(
        self,
        appid: str,
        openid: str,
        event: str,
        create_time: int,
        msgid: int | None,
        *,
        line: int | None = None,
    ) -> int:
        """Note a callback before it is sent; ``line`` is the entry of the conversation that caused it."""
        cursor = self._db.execute(
            "INSERT INTO callback (appid, openid, event, create_time, msgid, state, attempts, line)"
            " VALUES (?, ?, ?, ?, ?, 'pending', 0, ?)",
            (appid, openid, event, create_time, msgid, line),
        )
        return int(cursor.lastrowid or 0)

    def note_attempts(self, seq: int, history: Sequence[Any]) -> None:
        """Note how the attempts so far went, so that a retry can be watched while it happens."""
        found = self._db.execute(
            "UPDATE callback SET attempts = ?, history = ? WHERE seq = ? RETURNING appid, openid",
            (len(history), _dump(history), seq),
        ).fetchall()
        for appid, openid in found:
            self.on_change(appid, openid)

    def close_callback(self, seq: int, state: str, attempts: int, body: str | None) -> None:
        found = self._db.execute(
            "UPDATE callback SET state = ?, attempts = ?, body = ? WHERE seq = ? RETURNING appid, openid",
            (state, attempts, body, seq),
        ).fetchall()
        for appid, openid in found:
            self.on_change(appid, openid)

    def abandon_callbacks(self) -> None:
        """Mark callbacks that were under way when an earlier run ended."""
        self._db.execute("UPDATE callback SET state = 'interrupted' WHERE state = 'pending'")

    def count_callbacks(self) -> dict[str, int]:
        rows = self._db.execute("SELECT state, count(*) FROM callback GROUP BY state")
        return {str(state): int(count) for state, count in rows}

    def read_callbacks(self, after: int, state: str | None, limit: int) -> list[dict[str, Any]]:
        """Return callbacks in order, each with the history of its attempts."""
        return self._callbacks(
            "seq > ? AND (? IS NULL OR state = ?) ORDER BY seq", (after, state, state), limit
        )

    def latest_callbacks(self, appid: str, openid: str, limit: int) -> list[dict[str, Any]]:
        """Return the latest callbacks about a person, newest first."""
        return self._callbacks("appid = ? AND openid = ? ORDER BY seq DESC", (appid, openid), limit)

    def latest_callbacks_of(self, appid: str, limit: int) -> list[dict[str, Any]]:
        """Return the latest callbacks of an account or a company, newest first."""
        return self._callbacks("appid = ? ORDER BY seq DESC", (appid,), limit)

    def _callbacks(self, rest: str, values: Sequence[Any], limit: int) -> list[dict[str, Any]]:
        rows = self._db.execute(
            f"SELECT {', '.join(_CALLBACK_COLUMNS)}, history FROM callback WHERE {rest} LIMIT ?",  # noqa: S608
            (*values, limit),
        )
        return [
            dict(zip(_CALLBACK_COLUMNS, row, strict=False)) | {"history": _load(row[-1] or "[]")}
            for row in rows
        ]

    # Tracking hits the product has acknowledged

    def append_hits(self, hits: Iterable[tuple[str, str, str, int, float]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO hit (message_id, type, event, person, at) VALUES (?,?,?,?,?)", hits)
        self._db.execute("COMMIT")

    def read_hits(self, after: int, limit: int) -> list[dict[str, Any]]:
        names = ("seq", "message_id", "type", "event", "person", "at")
        rows = self._db.execute(
            "SELECT seq, message_id, type, event, person, at FROM hit WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, limit),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def count_hits(self) -> dict[str, int]:
        rows = self._db.execute(
            "SELECT CASE event WHEN '' THEN type ELSE event END, count(*) FROM hit GROUP BY 1"
        )
        return {str(name): int(count) for name, count in rows}

    # The crowd

    def add_agenda(self, at: float, person: int, kind: str, body: Any) -> int:
        cursor = self._db.execute(
            "INSERT INTO agenda (at, person, kind, body) VALUES (?, ?, ?, ?)", (at, person, kind, _dump(body))
        )
        return int(cursor.lastrowid or 0)

    def add_agendas(self, entries: Iterable[tuple[float, int, str]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO agenda (at, person, kind, body) VALUES (?, ?, ?, '{}')", entries)
        self._db.execute("COMMIT")

    def drop_agenda(self, entry_id: int) -> None:
        self._db.execute("DELETE FROM agenda WHERE id = ?", (entry_id,))

    def read_agenda(self) -> Iterator[tuple[float, int, int, str, Any]]:
        """Yield (at, id, person, kind, body)."""
        for at, entry, person, kind, body in self._db.execute(
            "SELECT at, id, person, kind, body FROM agenda"
        ):
            yield at, entry, person, kind, _load(body)

    def read_biographies(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for person, body in self._db.execute("SELECT person, body FROM biography"):
            yield person, _load(body)

    def write_biography(self, person: int, body: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO biography VALUES (?, ?)", (person, _dump(body)))


def _dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _load(text: str) -> Any:
    return msgspec.json.decode(text)


def _line(row: Sequence[Any]) -> Line:
    appid, person, openid, direction, kind, at, body, msgid, client_msg_id, seq = row
    return Line(
        appid=appid, person=person, openid=openid, direction=direction, kind=kind, at=at,
        body=_load(body), msgid=msgid, client_msg_id=client_msg_id, seq=seq,
    )  # fmt: skip
