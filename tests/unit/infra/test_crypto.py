"""Sealing and blinding: what opens, what does not, what is equal, and what a lost key means."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.infra.crypto import (
    CannotOpen,
    KeyFile,
    KeyRing,
    MasterKeyMissing,
    MasterKeyUnusable,
    add_sealing_key,
    open_key_ring,
)
from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.secret_file import InsecureSecretFile

RING = KeyRing(KeyFile({1: bytes(range(32))}, {1: bytes(range(32, 64))}))


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    directory = DataDirectory(tmp_path / "data")
    directory.prepare()
    return directory


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_is_sealed_opens_with_its_context(content: bytes, context: bytes) -> None:
    sealed = RING.seal(content, context=context)
    assert RING.open(sealed, context=context) == content
    assert content not in sealed or len(content) < 4


def test_sealing_twice_gives_different_bytes() -> None:
    assert RING.seal(b"13800138000") != RING.seal(b"13800138000")


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=255))
def test_any_changed_byte_is_noticed(place: int, change: int) -> None:
    sealed = bytearray(RING.seal(b"13800138000"))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(CannotOpen):
        RING.open(bytes(sealed))


@pytest.mark.parametrize("cut", [0, 1, 20, 40])
def test_sealed_data_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(CannotOpen):
        RING.open(RING.seal(b"13800138000")[:cut])


def test_another_context_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        RING.open(RING.seal(b"secret", context=b"person 1"), context=b"person 2")


def test_tokens_are_the_same_in_every_process_and_for_good() -> None:
    # A fixed value: changing how tokens are made would lose every stored identifier.
    assert RING.blind("openid", "wx1", "o-123").hex() == "f8facfecf93368a2025cf9f7007db719"


@given(*[st.tuples(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))] * 2)
def test_different_identifiers_have_different_tokens(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (RING.blind(*one) == RING.blind(*other)) == (one == other)


def test_moving_a_character_across_a_border_changes_the_token() -> None:
    assert RING.blind("a", "b", "c") != RING.blind("ab", "", "c")
    assert RING.blind("1", "1:", "x") != RING.blind("1", "", "1:x")


def test_a_newer_blind_key_gives_new_tokens_and_the_old_ones_on_request() -> None:
    newer = KeyRing(KeyFile({1: bytes(range(32))}, {1: bytes(range(32, 64)), 2: bytes(32)}))
    assert (newer.blind_version, newer.blind_versions) == (2, (1, 2))
    assert newer.blind("phone", "", "1") != RING.blind("phone", "", "1")
    assert newer.blind_with(1, "phone", "", "1") == RING.blind("phone", "", "1")


@pytest.mark.parametrize("part", ["王", "小明", "王小明", " 王 小 ", "Ａnna", "anna", "NN"])
def test_a_name_is_found_by_each_of_its_parts(part: str) -> None:
    stored = set(RING.bigrams("王小明 Anna"))
    assert set(RING.bigram_query(part)) <= stored
    assert len(RING.bigram_query(part)) > 0


def test_other_names_are_not_found() -> None:
    stored = set(RING.bigrams("王小明"))
    assert not set(RING.bigram_query("王明")) <= stored
    assert not set(RING.bigram_query("李")) <= stored
    assert RING.bigrams("  ") == ()


def test_bigram_tokens_fit_a_signed_64_bit_column() -> None:
    assert all(-(2**63) <= token < 2**63 for token in RING.bigrams("欧阳娜娜 with a longer name"))


def test_a_data_key_opens_only_what_it_sealed() -> None:
    key, stored = RING.new_data_key()
    other, _ = RING.new_data_key()
    sealed = key.seal(b"payload")

    assert RING.open_data_key(stored).open(sealed) == b"payload"
    with pytest.raises(CannotOpen):
        other.open(sealed)
    with pytest.raises(CannotOpen):
        RING.open(sealed)
    with pytest.raises(CannotOpen):
        RING.open_data_key(RING.seal(b"not a key"))


def test_the_first_start_makes_a_private_key_and_later_ones_read_it(data: DataDirectory) -> None:
    first = open_key_ring(data)
    sealed = first.seal(b"kept")

    assert data.master_key.stat().st_mode & 0o777 == 0o600
    assert open_key_ring(data).open(sealed) == b"kept"


def test_a_lost_master_key_is_not_replaced_by_a_new_one(data: DataDirectory) -> None:
    open_key_ring(data)
    data.master_key.unlink()

    with pytest.raises(MasterKeyMissing):
        open_key_ring(data)
    assert not data.master_key.exists()


def test_an_exchanged_master_key_is_noticed(data: DataDirectory) -> None:
    open_key_ring(data)
    data.master_key.unlink()
    KeyRing.load_or_create(data.master_key)

    with pytest.raises(MasterKeyUnusable, match="not the one"):
        open_key_ring(data)


def test_a_key_others_can_read_is_refused(data: DataDirectory) -> None:
    open_key_ring(data)
    data.master_key.chmod(0o640)

    with pytest.raises(InsecureSecretFile, match="chmod 600"):
        open_key_ring(data)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"nonsense",
        json.dumps({"format": "quanyu-master-key-1", "sealing": {}, "blind": {}}).encode(),
    ],
)
def test_a_damaged_key_file_is_named_as_such(data: DataDirectory, content: bytes) -> None:
    open_key_ring(data)
    data.master_key.write_bytes(content)

    with pytest.raises(MasterKeyUnusable, match="damaged"):
        open_key_ring(data)


def test_an_added_sealing_key_seals_while_the_old_one_still_opens(data: DataDirectory) -> None:
    before = open_key_ring(data)
    old = before.seal(b"old")

    assert add_sealing_key(data.master_key) == 2

    after = open_key_ring(data)
    new = after.seal(b"new")
    assert (after.open(old), after.open(new)) == (b"old", b"new")
    assert after.fingerprint == before.fingerprint
    assert after.blind("phone", "", "1") == before.blind("phone", "", "1")
    with pytest.raises(CannotOpen, match="key 2"):
        before.open(new)


def test_two_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "master.key"
    program = (
        "import sys; from pathlib import Path; from quanyu.infra.crypto import KeyRing;"
        "print(KeyRing.load_or_create(Path(sys.argv[1])).fingerprint)"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    fingerprints = {start.communicate(timeout=60)[0].strip() for start in starts}
    assert len(fingerprints) == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]
