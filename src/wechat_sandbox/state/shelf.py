"""Typed shelves: things of one kind per account, written through at once, read in order of making."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from wechat_sandbox.storage import Storage

T = TypeVar("T")


class Shelf(Generic[T]):
    """All things of one kind. Cheap to make: it holds no state of its own."""

    def __init__(self, store: Storage, kind: str, shape: type[T]) -> None:
        self._db = store.db
        self._kind = kind
        self._shape = shape

    def put(self, appid: str, key: str, value: T) -> None:
        """Write a thing; one with the same key is replaced and keeps its place."""
        self._db.execute(
            "INSERT INTO document (appid, kind, key, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (appid, kind, key) DO UPDATE SET body = excluded.body",
            (appid, self._kind, key, msgspec.json.encode(value).decode()),
        )

    def find(self, appid: str, key: str) -> T | None:
        row = self._db.execute(
            "SELECT body FROM document WHERE appid = ? AND kind = ? AND key = ?", (appid, self._kind, key)
        ).fetchone()
        return None if row is None else self._load(row[0])

    def drop(self, appid: str, key: str) -> bool:
        """Remove a thing and tell whether it was there."""
        cursor = self._db.execute(
            "DELETE FROM document WHERE appid = ? AND kind = ? AND key = ?", (appid, self._kind, key)
        )
        return cursor.rowcount > 0

    def clear(self, appid: str) -> None:
        self._db.execute("DELETE FROM document WHERE appid = ? AND kind = ?", (appid, self._kind))

    def count(self, appid: str) -> int:
        row = self._db.execute(
            "SELECT count(*) FROM document WHERE appid = ? AND kind = ?", (appid, self._kind)
        ).fetchone()
        return int(row[0])

    def items(self, appid: str) -> list[tuple[str, T]]:
        """Return everything, oldest first."""
        return list(self._select("ORDER BY seq", appid))

    def under(self, appid: str, prefix: str) -> list[tuple[str, T]]:
        """Return everything whose key begins so, oldest first."""
        rows = self._db.execute(
            "SELECT key, body FROM document WHERE appid = ? AND kind = ? AND key >= ? AND key < ?"
            " ORDER BY seq",
            (appid, self._kind, prefix, prefix + "\U0010ffff"),
        )
        return [(key, self._load(body)) for key, body in rows]

    def after(self, appid: str, key: str) -> list[tuple[str, T]]:
        """Return everything whose key is greater, in the order of the keys."""
        rows = self._db.execute(
            "SELECT key, body FROM document WHERE appid = ? AND kind = ? AND key > ? ORDER BY key",
            (appid, self._kind, key),
        )
        return [(key, self._load(body)) for key, body in rows]

    def count_under(self, appid: str, prefix: str) -> int:
        row = self._db.execute(
            "SELECT count(*) FROM document WHERE appid = ? AND kind = ? AND key >= ? AND key < ?",
            (appid, self._kind, prefix, prefix + "\U0010ffff"),
        ).fetchone()
        return int(row[0])

    def values(self, appid: str) -> list[T]:
        return [value for _, value in self.items(appid)]

    def page(self, appid: str, *, offset: int, count: int) -> list[tuple[str, T]]:
        """Return a page, newest first, as the platform's lists do."""
        return list(self._select("ORDER BY seq DESC LIMIT ? OFFSET ?", appid, count, offset))

    def up_to(self, appid: str, key: str) -> list[tuple[str, T]]:
        """Return everything whose key is not behind ``key``, in the order of keys."""
        return list(self._select("AND key <= ? ORDER BY key", appid, key))

    def first(self, appid: str) -> tuple[str, T] | None:
        """Return the thing with the smallest key."""
        return next(iter(self._select("ORDER BY key LIMIT 1", appid)), None)

    def between(self, appid: str, first: str, end: str) -> list[tuple[str, T]]:
        """Return everything with ``first <= key < end``, in the order of keys."""
        return list(self._select("AND key >= ? AND key < ? ORDER BY key", appid, first, end))

    def _select(self, tail: str, appid: str, *values: int | str) -> Iterator[tuple[str, T]]:
        rows = self._db.execute(
            f"SELECT key, body FROM document WHERE appid = ? AND kind = ? {tail}",  # noqa: S608
            (appid, self._kind, *values),
        )
        for key, body in rows:
            yield key, self._load(body)

    def _load(self, body: str) -> T:
        return msgspec.json.decode(body.encode(), type=self._shape)


class Blobs:
    """Bytes of files, by key."""

    def __init__(self, store: Storage) -> None:
        self._db = store.db

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO blob VALUES (?, ?, ?)", (key, content_type, content))

    def find(self, key: str) -> tuple[bytes, str] | None:
        """Return the bytes and their content type."""
        row = self._db.execute("SELECT bytes, content_type FROM blob WHERE key = ?", (key,)).fetchone()
        return None if row is None else (bytes(row[0]), str(row[1]))

    def drop(self, key: str) -> None:
        self._db.execute("DELETE FROM blob WHERE key = ?", (key,))


def plain(value: Any) -> Any:
    """Return a value as JSON would carry it."""
    return msgspec.to_builtins(value)
