"""The data directory, its lock and its secrets."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quanyu.infra.data_directory import (
    DataDirectory,
    DiskFull,
    UnfinishedRestore,
    UnusableDataDirectory,
    default_root,
)
from quanyu.infra.file_lock import AlreadyLocked, FileLock
from quanyu.infra.secret_file import read_or_create_secret, read_secret, write_secret

HOLD = (
    "import sys; from pathlib import Path; from quanyu.infra.file_lock import FileLock;"
    "lock = FileLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); sys.stdin.read()"
)


def test_the_chosen_directory_wins(tmp_path: Path) -> None:
    assert DataDirectory.from_env({"QUANYU_DATA": str(tmp_path)}).root == tmp_path
    assert DataDirectory.from_env({"QUANYU_DATA": "~/q"}).root == Path.home() / "q"
    assert DataDirectory.from_env({"QUANYU_DATA": "here"}).root == Path.cwd() / "here"


@pytest.mark.skipif(os.geteuid() != 0, reason="the default of root")
def test_root_keeps_its_data_where_services_do() -> None:
    assert default_root({"XDG_DATA_HOME": "/elsewhere"}) == Path("/var/lib/quanyu")


def test_preparing_makes_private_parts_and_is_repeatable(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path / "deep" / "data")
    data.prepare()
    data.prepare()

    modes = {path.stat().st_mode & 0o777 for path in (data.secrets, data.logs, data.warehouse)}
    assert modes == {0o700}
    assert data.root.stat().st_mode & 0o066 == 0


def test_a_path_that_cannot_be_a_directory_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UnusableDataDirectory, match="Set QUANYU_DATA"):
        DataDirectory(tmp_path / "file" / "data").prepare()


def test_an_unfinished_restore_stops_a_start_but_not_another_restore(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.prepare()
    data.restore_marker.write_text("loading\n")

    with pytest.raises(UnfinishedRestore, match="quanyu restore"):
        data.prepare()
    data.prepare(restoring=True)


def test_too_little_room_is_a_clear_stop(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.require_free_space(1)

    with pytest.raises(DiskFull, match="are free at"):
        data.require_free_space(2**62)


def test_the_local_token_is_made_once(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.prepare()
    token = data.ensure_local_token()

    assert len(token) >= 32
    assert data.ensure_local_token() == token
    assert data.local_token.stat().st_mode & 0o777 == 0o600


def test_a_lock_has_one_holder_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        with pytest.raises(AlreadyLocked, match=f"process {holder.pid}"):
            FileLock(path).acquire()

        holder.kill()
    # Killed, not released: the kernel lets go.
    with FileLock(path) as lock:
        assert lock.held
    assert not lock.held


def test_locking_twice_by_the_same_holder_is_one_lock(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.acquire()
    lock.acquire()
    lock.release()
    FileLock(tmp_path / "lock").acquire()


def test_a_secret_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_secret(path, b"one")
    write_secret(path, b"two")

    assert read_secret(path) == b"two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_a_secret_is_made_only_when_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "private" / "secret"
    assert read_or_create_secret(path, lambda: b"first") == b"first"
    assert read_or_create_secret(path, lambda: b"second") == b"first"
