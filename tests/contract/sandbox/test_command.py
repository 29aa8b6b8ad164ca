"""The command as a parent process uses it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def run(*arguments: str, cwd: Path, **environ: str) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [sys.executable, "-m", "wechat_sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, **environ},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_it_says_when_it_is_ready_and_goes_on_after_any_end(tmp_path: Path, end: signal.Signals) -> None:
    config = tmp_path / "sandbox.toml"
    config.write_text(
        f'port = 0\nstate = "{tmp_path / "s.db"}"\npeople = 20\nactivity = 500\n', encoding="utf-8"
    )
    seen = []
    for _ in range(2):
        with run(
            "serve", "--config", str(config), "--json", cwd=tmp_path, QUANYU_CLOCK="1772337600:1772337600:10"
        ) as process:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            with urllib.request.urlopen(f"{ready['url']}/sandbox", timeout=5) as answer:
                assert json.load(answer)["clock"]["rate"] == 10
            process.send_signal(end)
            assert process.wait(10) == (0 if end is signal.SIGTERM else -end)
        seen.append((ready["seed"], ready["accounts"][0]["secret"], ready["accounts"][0]["aes_key"]))
    assert seen[0] == seen[1]
    assert len(seen[0][2]) == 43


@pytest.mark.parametrize(
    ("arguments", "environ", "complaint"),
    [
        (("--port", "70000"), {}, "port is between 0 and 65535"),
        (("--callback-url", "nowhere"), {}, "not an http address"),
        ((), {"QUANYU_CLOCK": "soon"}, "QUANYU_CLOCK must be"),
        (("--host", "203.0.113.1", "--port", "0"), {}, "cannot start"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, arguments: tuple[str, ...], environ: dict[str, str], complaint: str
) -> None:
    with run("serve", *arguments, cwd=tmp_path, COLUMNS="200", **environ) as process:
        output, errors = process.communicate(timeout=20)
    assert process.returncode in (1, 2)
    assert complaint in errors
    assert output == ""


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with run("serve", "--port", port, "--no-crowd", cwd=tmp_path) as process:
            output, errors = process.communicate(timeout=20)

    assert (process.returncode, output) == (1, "")
    (line,) = errors.splitlines()
    assert line.startswith("wechat-sandbox cannot start:")
    assert port in line


def test_it_does_not_outlive_its_parent(tmp_path: Path) -> None:
    arguments = ["serve", "--port", "0", "--json", "--no-crowd", "--exit-with-parent"]
    command = [sys.executable, "-m", "wechat_sandbox", *arguments]
    script = (
        "import subprocess\n"
        f"child = subprocess.Popen({command!r}, stdout=subprocess.PIPE)\n"
        "print(child.stdout.readline().decode(), flush=True)\n"
    )
    parent = [sys.executable, "-W", "ignore", "-c", script]
    ended = subprocess.run(parent, capture_output=True, text=True, check=True)
    url = json.loads(ended.stdout)["url"]
    deadline = time.monotonic() + 20
    while answers(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(url)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/sandbox/clock", timeout=5):
            return True
    except OSError:
        return False
