"""Starting, giving a start up, starting twice, dying and starting again, with the program operators run."""

import signal
import socket
import time
from collections.abc import Callable

import psutil
import pytest

from support.processes import HTTP, Platform, eventually

pytestmark = pytest.mark.slow

NewPlatform = Callable[..., Platform]
PHASES = (
    "Initialising the database",
    "Starting PostgreSQL",
    "Migrating PostgreSQL",
    "Opening the warehouse",
)


def processes_of(platform: Platform) -> list[str]:
    """Return what still runs on the platform's data directory."""
    place = str(platform.data.root)
    programs = (" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))
    return [program for program in programs if place in program]


def interrupt(platform: Platform) -> int:
    """Press Ctrl-C and return the exit code."""
    assert platform.process is not None
    platform.process.send_signal(signal.SIGINT)
    return platform.process.wait(60)


def test_a_start_can_be_given_up_at_any_moment(new_platform: NewPlatform) -> None:
    platform = new_platform()
    for phase in PHASES:
        platform.spawn()
        eventually(lambda: phase in platform.output, what=f"{phase}, in {platform.output}")  # noqa: B023
        began = time.monotonic()

        assert interrupt(platform) == 130, platform.output

        assert time.monotonic() - began < 20
        assert "The start was given up" in platform.output
        assert "Traceback" not in platform.output
        assert processes_of(platform) == []

    platform.start()
    assert HTTP.get(f"{platform.url}/health/ready").json() == {"status": "ready"}
    assert platform.stop() == 0
    assert processes_of(platform) == []


def test_one_data_directory_one_platform_and_it_goes_on_where_it_was(new_platform: NewPlatform) -> None:
    platform = new_platform()
    platform.start()
    platform.sign_in()
    key = platform.ask("POST", "/api/v1/settings/tracking", {"name": "官网", "source": "website"})
    write_key = key.json()["write_key"]

    def track(user: str) -> int:
        event = {"type": "track", "event": "Product Viewed", "userId": user, "messageId": user}
        return HTTP.post(f"{platform.url}/v1/track", json=event, auth=(write_key, "")).status_code

    def people() -> int:
        return int(platform.ask("GET", "/api/v1/overview").json()["people"]["total"])

    assert track("before") == 200
    eventually(lambda: people() == 1, what="the person to be known")

    # A second start is refused and disturbs nothing.
    second = Platform(platform.directory)
    assert platform.process is not None
    refused = second.command("up", "--no-demo")
    assert refused.returncode == 2
    assert f"in use by process {platform.process.pid}" in refused.stderr
    assert f"正被进程 {platform.process.pid} 使用" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert track("meanwhile") == 200

    # Two Ctrl-C end it at once; the database goes on by itself and the next start takes it over.
    platform.process.send_signal(signal.SIGINT)
    eventually(lambda: "Stopping" in platform.output or platform.process.poll() is not None)  # type: ignore[union-attr]
    platform.process.send_signal(signal.SIGINT)
    assert platform.process.wait(60) in (0, 130)
    platform.start()
    assert track("after") == 200
    eventually(lambda: people() == 3, what="all three to be known, signed in as before")

    # A killed platform leaves its database running.
    platform.kill()
    left = platform.postmaster()
    assert left is not None
    platform.start()
    assert "Taking over the database left running" in platform.output
    now = platform.postmaster()
    assert now is not None
    assert now.pid == left.pid
    assert people() == 3
    assert platform.stop() == 0
    assert processes_of(platform) == []


def test_a_taken_port_is_named_and_everything_is_stopped_again(new_platform: NewPlatform) -> None:
    platform = new_platform()
    with socket.socket() as other:
        other.bind(("127.0.0.1", platform.port))
        other.listen()
        refused = platform.command("up", "--no-demo")

    assert refused.returncode == 2
    assert f"127.0.0.1:{platform.port} cannot be used" in refused.stderr
    assert "PORT=" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert processes_of(platform) == []


@pytest.mark.timeout(900)
def test_the_demo_survives_its_own_death(new_platform: NewPlatform) -> None:
    platform = new_platform(demo=True)
    platform.start()
    platform.sign_in()

    def overview() -> dict[str, int]:
        answer = platform.ask("GET", "/api/v1/overview").json()
        return {
            "people": answer["people"]["total"],
            "followers": answer["people"]["followers"],
            "events": answer["events"]["total"],
            "accepted": answer["messages"]["accepted"],
            "orders": sum(day["orders"] for day in answer["revenue"]["by_day"]),
        }

    eventually(lambda: all(overview().values()), limit_s=600, what=f"a living brand; now {overview()}")
    before = overview()
    clock = platform.ask("GET", "/api/v1/session").json()["now"]
    sandbox = [one for one in processes_of(platform) if "wechat_sandbox" in one]
    assert len(sandbox) == 1

    platform.kill()
    eventually(
        lambda: not [one for one in processes_of(platform) if "wechat_sandbox" in one],
        limit_s=20,
        what="the sandbox to end with its parent",
    )
    platform.start()

    after = overview()
    # What happened stays. The others may fall: two people turn out to be one, followers leave, days pass.
    assert after["events"] >= before["events"]
    assert all(after.values())
    # The simulated brand's time stood still meanwhile, and never goes back.
    assert platform.ask("GET", "/api/v1/session").json()["now"] >= clock
    eventually(lambda: overview()["events"] > after["events"], what="life to go on")
    assert platform.stop() == 0
    assert processes_of(platform) == []
