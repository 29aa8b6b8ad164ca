"""The register of erasures: what another deployment or a cut cable wrote counts for nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quanyu.flows.rights.remembered import ErasureEntry, ErasureRegister
from quanyu.infra.crypto import KeyFile, KeyRing

AT = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
ENTRY = ErasureEntry(
    tenant_id=7,
    request_id=1,
    person_id=5,
    people=((5, AT), (9, AT)),
    tokens=(b"t" * 16,),
    erased_at=AT,
    received_at=AT,
    due_on=AT.date(),
)


def test_entries_are_read_as_written_the_last_of_each(tmp_path: Path) -> None:
    register = ErasureRegister(tmp_path / "e.jsonl", KeyRing(KeyFile.new()))
    assert register.entries() == []
    again = replace(ENTRY, erased_at=AT + timedelta(minutes=2))
    for entry in (ENTRY, replace(ENTRY, request_id=2), again):
        register.append(entry)
    assert register.entries() == [again, replace(ENTRY, request_id=2)]
    assert (tmp_path / "e.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_cut_short_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    register = ErasureRegister(path, KeyRing(KeyFile.new()))
    register.append(ENTRY)
    path.write_bytes(path.read_bytes()[:-40])
    register.append(replace(ENTRY, request_id=2))
    assert [one.request_id for one in register.entries()] == [2]


def test_lines_that_were_changed_or_come_from_elsewhere_are_left_out(tmp_path: Path) -> None:
    keys = KeyRing(KeyFile.new())
    mine, other = (
        ErasureRegister(tmp_path / "a", keys),
        ErasureRegister(tmp_path / "b", KeyRing(KeyFile.new())),
    )
    mine.append(ENTRY)
    other.append(replace(ENTRY, request_id=2))
    forged = (tmp_path / "a").read_text().replace('\\"person\\": 5', '\\"person\\": 6')
    (tmp_path / "a").write_text(forged + (tmp_path / "b").read_text())
    assert mine.entries() == []


def test_copies_are_put_together(tmp_path: Path) -> None:
    keys = KeyRing(KeyFile.new())
    old, new, missing = (tmp_path / name for name in ("old", "new", "missing"))
    ErasureRegister(old, keys).append(ENTRY)
    newer = ErasureRegister(new, keys)
    newer.append(replace(ENTRY, request_id=2))
    target = ErasureRegister(tmp_path / "target", keys)
    for _ in range(2):
        assert target.take_in([old, new, missing]) == 2
    assert sorted(one.request_id for one in target.entries()) == [1, 2]


def test_an_older_blind_key_still_vouches(tmp_path: Path) -> None:
    first = KeyFile.new()
    ErasureRegister(tmp_path / "e", KeyRing(first)).append(ENTRY)
    both = KeyFile(first.sealing, {**first.blind, 2: b"k" * 32})
    assert ErasureRegister(tmp_path / "e", KeyRing(both)).entries() == [ENTRY]
