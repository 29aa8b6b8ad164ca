"""The supervisor against the real server: crashes, second starts, stale files, take-over, awkward paths."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from quanyu.infra.embedded_postgres import EmbeddedPostgres, Phase, Progress, Role, postmaster
from quanyu.infra.embedded_postgres.errors import NotTraversable, StartCancelled, StartFailed
from quanyu.infra.file_lock import AlreadyLocked
from support.platform import scratch_directory

pytestmark = pytest.mark.slow
START_AND_DIE = """
import os, signal, sys
from pathlib import Path
from quanyu.infra.embedded_postgres import EmbeddedPostgres
# A test run put in the background by a shell ignores Ctrl-C, and so would we.
signal.signal(signal.SIGINT, signal.default_int_handler)
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), 9)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    """A data directory for one test; a server it left running ends with it."""
    with scratch_directory() as path:
        yield path
        EmbeddedPostgres(path).stop()


@contextmanager
def other_process(data: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Run a start in another process: one that waits to be told to stop, or one that dies at once."""
    command = [sys.executable, "-c", START_AND_DIE, str(data), how]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def write_one(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn(Role.OWNER)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")


def wait_until_gone(server: EmbeddedPostgres) -> None:
    """A killed process is there until the kernel has taken it down."""
    deadline = time.monotonic() + 30
    while server.is_running():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def rows_kept(server: EmbeddedPostgres) -> int:
    with psycopg.connect(server.dsn(Role.OWNER)) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def test_roles_can_do_what_they_are_for_and_no_more(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        with psycopg.connect(server.dsn(Role.OWNER)) as owner:
            owner.execute("CREATE TABLE t (n int)")
            owner.execute("GRANT SELECT ON t TO quanyu_app")
        with psycopg.connect(server.dsn(Role.APP)) as app:
            timeout = app.execute("SELECT current_setting('transaction_timeout')").fetchone()
            assert timeout == ("5s",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("CREATE TABLE mine (n int)")
        with psycopg.connect(server.superuser_dsn()) as superuser:
            attributes = superuser.execute(
                "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'quanyu%' ORDER BY 1"
            ).fetchall()
    assert attributes == [
        ("quanyu_app", False, False),
        ("quanyu_owner", False, False),
        ("quanyu_system", False, True),
    ]


def test_nothing_listens_on_tcp_and_passwords_are_checked(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        assert server.pid is not None
        listening = [c for c in psutil.Process(server.pid).net_connections("inet") if c.status == "LISTEN"]
        wrong = psycopg.conninfo.make_conninfo(server.dsn(Role.APP), password="wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    assert listening == []


def test_secrets_and_data_are_private(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        modes = {
            path.name: path.stat().st_mode & 0o777
            for path in (data / "secrets", data / "secrets/postgres.json", server.cluster, data / "postgres")
        }
    assert modes == {"secrets": 0o700, "postgres.json": 0o600, "cluster": 0o700, "postgres": 0o700}


def test_the_server_recovers_after_its_postmaster_is_killed(data: Path) -> None:
    phases: list[Phase] = []
    server = EmbeddedPostgres(data, progress=lambda progress: phases.append(progress.phase))
    server.start()
    write_one(server)
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until_gone(server)

    server.start()

    assert server.pid not in (None, first)
    assert rows_kept(server) == 1
    server.stop()
    assert not server.is_running()


def test_a_server_that_outlived_us_is_taken_over(data: Path) -> None:
    with other_process(data, "die") as died:
        assert died.stdout is not None
        left_behind = int(died.stdout.readline())
        died.wait(timeout=30)
    seen: list[Progress] = []

    server = EmbeddedPostgres(data, progress=seen.append)
    server.start()

    assert server.pid == left_behind
    assert Phase.TAKING_OVER in {progress.phase for progress in seen}
    write_one(server)
    server.stop()
    assert not psutil.pid_exists(left_behind) or psutil.Process(left_behind).status() == psutil.STATUS_ZOMBIE


def test_two_starts_at_once_are_refused_and_the_second_cannot_stop_the_first(data: Path) -> None:
    with other_process(data, "wait") as first:
        assert first.stdout is not None
        pid = int(first.stdout.readline())
        second = EmbeddedPostgres(data)

        with pytest.raises(AlreadyLocked, match=f"in use by process {first.pid}"):
            second.start()
        with pytest.raises(AlreadyLocked):
            second.stop()

        assert psutil.pid_exists(pid)
        assert first.stdin is not None
        first.stdin.close()
        assert first.wait(timeout=60) == 0


def test_ctrl_c_in_our_terminal_does_not_reach_the_server(data: Path) -> None:
    with other_process(data, "wait") as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)

        found = postmaster.find(data / "postgres/cluster")
        assert found is not None
        assert found.pid == pid


def test_a_start_given_up_at_once_leaves_no_server(data: Path) -> None:
    with EmbeddedPostgres(data):
        pass  # What takes time is done.

    def give_up(progress: Progress) -> None:
        if progress.phase is Phase.STARTING:
            hasty.cancel()

    hasty = EmbeddedPostgres(data, progress=give_up)
    with pytest.raises(StartCancelled):
        hasty.start()

    hasty.stop()  # The server has not even written its pid file yet.

    assert postmaster.orphans(data / "postgres" / "cluster") == []


def test_a_stale_pid_file_naming_a_stranger_is_removed(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        write_one(server)
        pid_file = server.cluster / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        # The pid of a crashed server now belongs to somebody else, as after a reboot.
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")

        with EmbeddedPostgres(data) as again:
            assert again.pid != stranger.pid
            assert rows_kept(again) == 1

        assert stranger.poll() is None
        stranger.kill()


def test_a_pid_file_cut_short_does_not_stop_a_start(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        write_one(server)
        pid_file = server.cluster / "postmaster.pid"
    pid_file.write_text("")

    with EmbeddedPostgres(data) as again:
        assert rows_kept(again) == 1


def test_lost_passwords_are_made_anew(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        write_one(server)
        old = server.dsn(Role.OWNER)
    (data / "secrets/postgres.json").unlink()

    with EmbeddedPostgres(data) as again:
        assert again.dsn(Role.OWNER) != old
        assert rows_kept(again) == 1


def test_an_initialisation_cut_short_is_done_again(data: Path) -> None:
    leftover = data / "postgres/cluster.new-dead"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(data) as server:
        assert server.is_running()
    assert not leftover.exists()


def test_a_long_data_path_gets_a_short_socket(data: Path) -> None:
    deep = data / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    for directory in (deep.parent, deep):
        directory.chmod(0o711)

    with EmbeddedPostgres(deep) as server:
        write_one(server)
        host = psycopg.conninfo.conninfo_to_dict(server.dsn(Role.OWNER))["host"]
    assert not str(host).startswith(str(deep))


def test_a_path_with_spaces_and_quotes_works(data: Path) -> None:
    awkward = data / "Application Support's"
    with EmbeddedPostgres(awkward) as server:
        write_one(server)
        assert rows_kept(server) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_a_directory_the_servers_user_cannot_enter_is_named(data: Path) -> None:
    closed = data / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(NotTraversable, match=f"chmod o\\+x {closed}"):
        EmbeddedPostgres(closed / "inside").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_as_root_the_server_runs_as_an_ordinary_user(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        assert psutil.Process(server.pid).username() != "root"


def test_a_server_that_cannot_start_shows_its_log(data: Path) -> None:
    with EmbeddedPostgres(data):
        pass

    with pytest.raises(StartFailed, match="shared_buffers"):
        EmbeddedPostgres(data, settings={"shared_buffers": "banana"}).start()

    with EmbeddedPostgres(data) as server:  # Nothing stays locked or broken.
        assert server.is_running()


def test_changed_settings_restart_a_server_that_was_taken_over(data: Path) -> None:
    with other_process(data, "die") as died:
        assert died.stdout is not None
        left_behind = int(died.stdout.readline())
        died.wait(timeout=30)

    with EmbeddedPostgres(data, settings={"max_connections": "33"}) as server:
        with psycopg.connect(server.superuser_dsn()) as connection:
            assert connection.execute("SHOW max_connections").fetchone() == ("33",)
        assert server.pid != left_behind


def test_tcp_opens_on_loopback_only_when_asked(data: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with EmbeddedPostgres(data, tcp_port=port) as server:
        over_tcp = psycopg.conninfo.make_conninfo(server.dsn(Role.APP), host="127.0.0.1")
        with psycopg.connect(over_tcp) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("quanyu_app",)
        superuser = psycopg.conninfo.make_conninfo(server.superuser_dsn(), host="127.0.0.1")
        with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf rejects"):
            psycopg.connect(superuser)


def test_a_start_in_recovery_waits_and_reports(data: Path) -> None:
    server = EmbeddedPostgres(data, settings={"max_wal_size": "8GB", "checkpoint_timeout": "1d"})
    server.start()
    with psycopg.connect(server.dsn(Role.OWNER)) as connection:
        connection.execute("CREATE TABLE big AS SELECT n, repeat('x', 200) FROM generate_series(1, 400000) n")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    wait_until_gone(server)
    reports: list[Progress] = []

    again = EmbeddedPostgres(data, progress=reports.append)
    server._lock.release()  # The first supervisor died with its process, so to speak.
    server._bury()
    began = time.monotonic()
    again.start()

    with psycopg.connect(again.dsn(Role.OWNER)) as connection:
        assert connection.execute("SELECT count(*) FROM big").fetchone() == (400000,)
    again.stop()
    assert [report.phase for report in reports if report.phase is Phase.READY] == [Phase.READY]
    assert all(report.elapsed_s <= time.monotonic() - began for report in reports)


def test_progress_is_plain_data() -> None:
    progress = Progress(Phase.RECOVERING, 1.5, "redo in progress")
    assert json.dumps({"phase": progress.phase, "detail": progress.detail}) == (
        '{"phase": "recovering", "detail": "redo in progress"}'
    )
