"""Reading what a server writes about itself."""

from pathlib import Path

import pytest

from quanyu.infra.embedded_postgres.configuration import ServerConfiguration
from quanyu.infra.embedded_postgres.postmaster import PidFile, ServerStatus, find, read_pid_file
from quanyu.infra.embedded_postgres.runtime_directory import SOCKET_PATH_MAX_BYTES, choose, socket_path

WHOLE = "4242\n/data/cluster\n1712346200\n5432\n/run/here\n\n  8826964     65536\nready   \n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (WHOLE, PidFile(4242, 5432, Path("/run/here"), ServerStatus.READY)),
        ("-77\n/data\n1\n", PidFile(77, None, None, ServerStatus.UNKNOWN)),
        ("4242\n", PidFile(4242, None, None, ServerStatus.UNKNOWN)),
        (WHOLE.replace("ready", "dancing"), PidFile(4242, 5432, Path("/run/here"), ServerStatus.UNKNOWN)),
        ("", None),
        ("what?\n", None),
    ],
)
def test_pid_files_whole_and_cut_short(tmp_path: Path, content: str, expected: PidFile | None) -> None:
    (tmp_path / "postmaster.pid").write_text(content)
    assert read_pid_file(tmp_path) == expected


def test_no_pid_file_is_no_server(tmp_path: Path) -> None:
    assert read_pid_file(tmp_path) is None
    assert find(tmp_path) is None


def test_our_own_process_is_not_taken_for_a_server(tmp_path: Path) -> None:
    import os

    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert find(tmp_path) is None


@pytest.mark.parametrize("length", [10, 60, 85, 86, 87, 120, 400])
def test_a_socket_path_never_grows_too_long_and_is_always_the_same(length: int) -> None:
    home = Path("/") / ("d" * length)
    chosen = choose(home, 5432)
    assert len(str(socket_path(chosen, 5432))) <= SOCKET_PATH_MAX_BYTES
    assert choose(home, 5432) == chosen
    assert choose(Path("/") / ("e" * length), 5432) != chosen


def test_settings_are_quoted_and_tcp_is_closed_unless_asked_for() -> None:
    quiet = ServerConfiguration(Path("/it's"), Path("/log"))
    loud = ServerConfiguration(Path("/s"), Path("/log"), port=6000, listen_tcp=True)

    assert "unix_socket_directories = '/it''s'" in quiet.postgresql_conf()
    assert "listen_addresses = ''" in quiet.postgresql_conf()
    assert "127.0.0.1/32" not in quiet.pg_hba_conf()
    assert "listen_addresses = '127.0.0.1, ::1'" in loud.postgresql_conf()
    assert "host   all          all       127.0.0.1/32  scram-sha-256" in loud.pg_hba_conf()
    assert "trust" not in quiet.pg_hba_conf() + loud.pg_hba_conf()


def test_nothing_that_keeps_data_safe_is_switched_off() -> None:
    text = ServerConfiguration(Path("/s"), Path("/log")).postgresql_conf()
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert f"{setting} = 'on'" in text
