"""WeRoBot 1.13.1's client, unmodified, against the sandbox: every method it offers, or why not."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.conformance.cases import OutOfScope, Recorder, called, recorded
from contract.conformance.platform import Platform
from contract.conformance.program import python_sdk
from contract.conformance.sdk_runs import Runner
from contract.conformance.werobot_cases import TABLE


@pytest.fixture(scope="module")
def runner(platform: Platform, files: Path, saving: bool) -> Iterator[Runner]:
    with python_sdk(platform, "WeRoBot") as program:
        yield Runner(platform, program, files, Recorder("WeRoBot", called(TABLE), saving))


@pytest.mark.parametrize("method", called(TABLE))
def test_call(method: str, runner: Runner) -> None:
    build = TABLE[method]
    assert not isinstance(build, OutOfScope)
    runner.run(method, build)


def test_no_offered_method_is_left_out(saving: bool) -> None:
    from werobot.client import Client

    offered = inspect.getmembers(Client, lambda one: inspect.isroutine(one) or isinstance(one, property))
    assert set(TABLE) == {name for name, _ in offered if not name.startswith("_")}
    assert saving or set(recorded("WeRoBot")) == set(called(TABLE))
