"""The register of erasures beside the databases: what makes a restored deployment forget again.

A backup brings back people who were erased after it was made. So each erasure is also written into a file of
the data directory, which no restore replaces and which every backup takes along. A line names nobody: person
ids, keyed tokens of identifiers, instants, and a keyed seal, so that only this deployment's own lines count.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.secret_file import write_secret
from quanyu.infra.telemetry import get_logger

_log = get_logger("rights.register")
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureEntry:
    """One erasure. ``people``: ids, and when each was made, for a restore may give an id anew."""

    tenant_id: int
    request_id: int
    person_id: int
    people: tuple[tuple[int, datetime], ...]
    tokens: tuple[bytes, ...]
    erased_at: datetime
    received_at: datetime
    due_on: date


class ErasureRegister:
    """A file of lines, only ever added to."""

    def __init__(self, path: Path, keyring: KeyRing) -> None:
        self._path = path
        self._keyring = keyring

    def append(self, entry: ErasureEntry) -> None:
        """Add a line and wait until the disk has it. Repeating it is harmless.

        Raises:
            OSError: it could not be written; then nobody may be erased.
        """
        line = self._line(entry)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line  # After one cut short.
            file.write(line)
            os.fsync(fd)

    def entries(self) -> list[ErasureEntry]:
        """Return every erasure on record, the last line of each; lines that are not ours are left out."""
        found: dict[tuple[int, int], ErasureEntry] = {}
        strange = 0
        for line in _lines(self._path):
            entry = self._entry(line)
            if entry is None:
                strange += 1
            else:
                found[(entry.tenant_id, entry.request_id)] = entry
        if strange:
            _log.warning("rights.register_lines_left_out", lines=strange)
        return list(found.values())

    def take_in(self, others: Iterable[Path]) -> int:
        """Add what other copies know; return how many erasures are on record then. Idempotent."""
        mine = {(one.tenant_id, one.request_id): one for one in self.entries()}
        for path in others:
            for one in ErasureRegister(path, self._keyring).entries():
                known = mine.get((one.tenant_id, one.request_id))
                if known is None or known.erased_at < one.erased_at:
                    mine[(one.tenant_id, one.request_id)] = one
        if mine:
            ordered = sorted(mine.values(), key=lambda one: (one.erased_at, one.tenant_id, one.request_id))
            write_secret(self._path, b"".join(map(self._line, ordered)))
        return len(mine)

    def _line(self, entry: ErasureEntry) -> bytes:
        body = json.dumps(
            {
                "v": _FORMAT,
                "tenant": entry.tenant_id,
                "request": entry.request_id,
                "person": entry.person_id,
                "people": [[number, made.isoformat()] for number, made in entry.people],
                "tokens": [token.hex() for token in entry.tokens],
                "erased_at": entry.erased_at.isoformat(),
                "received_at": entry.received_at.isoformat(),
                "due_on": entry.due_on.isoformat(),
            },
            sort_keys=True,
        )
        return json.dumps({"erasure": body, "seal": self._seals(body)[0]}).encode() + b"\n"

    def _entry(self, line: bytes) -> ErasureEntry | None:
        try:
            document = json.loads(line)
            body = document["erasure"]
            if document["seal"] not in self._seals(body):
                return None
            return _parse(json.loads(body))
        except (ValueError, KeyError, TypeError):
            return None

    def _seals(self, body: str) -> list[str]:
        """Return the seals a line may bear, by the key of today first."""
        ring = self._keyring
        return [
            ring.blind_with(number, "erasure_register", "", body).hex()
            for number in sorted(ring.blind_versions, reverse=True)
        ]


def _lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().splitlines() if line.strip()]
    except FileNotFoundError:
        return []


def _parse(body: dict[str, Any]) -> ErasureEntry:
    return ErasureEntry(
        tenant_id=int(body["tenant"]),
        request_id=int(body["request"]),
        person_id=int(body["person"]),
        people=tuple((int(number), datetime.fromisoformat(made)) for number, made in body["people"]),
        tokens=tuple(bytes.fromhex(token) for token in body["tokens"]),
        erased_at=datetime.fromisoformat(body["erased_at"]),
        received_at=datetime.fromisoformat(body["received_at"]),
        due_on=date.fromisoformat(body["due_on"]),
    )
