"""Migrations are one chain: two that follow the same one would let no database start."""

import re
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "src" / "quanyu" / "app" / "migrations" / "postgres" / "versions"
_NAMES = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)


def test_every_migration_follows_another_and_no_two_the_same() -> None:
    follows: dict[str, str] = {}
    for file in VERSIONS.glob("[0-9]*.py"):
        named = dict(_NAMES.findall(file.read_text(encoding="utf-8")))
        assert named["revision"] == file.stem
        follows[named["revision"]] = named["down_revision"]
    chain = sorted(follows)
    assert [follows[one] for one in chain] == ["", *chain[:-1]], "take the next free number"
