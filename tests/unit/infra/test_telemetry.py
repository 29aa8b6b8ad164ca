"""Logging tells what happens and never decides it."""

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from quanyu.infra.telemetry import configure_logging, get_logger


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    before = structlog.get_config()
    configure_logging(level="INFO")
    yield
    structlog.configure(**before)


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_lines_go_where_standard_error_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    log = get_logger("tests")
    closed, now = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", closed)
    log.info("tests.first")
    closed.close()

    monkeypatch.setattr(sys, "stderr", now)
    log.info("tests.second")

    assert "tests.second" in now.getvalue()


def test_a_line_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    log = get_logger("tests")
    closed = io.StringIO()
    closed.close()
    for stream in (closed, FullDisk()):
        monkeypatch.setattr(sys, "stderr", stream)
        log.error("tests.lost", exc_info=ValueError("told to nobody"))
