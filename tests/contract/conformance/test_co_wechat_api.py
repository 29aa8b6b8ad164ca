"""co-wechat-api 3.11.0, unmodified, against the sandbox: every method it offers, or why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.conformance.cases import OutOfScope, Recorder, called, recorded
from contract.conformance.co_wechat_api_cases import TABLE
from contract.conformance.platform import Platform
from contract.conformance.program import node_sdk
from contract.conformance.sdk_runs import Runner


@pytest.fixture(scope="module")
def runner(platform: Platform, files: Path, saving: bool) -> Iterator[Runner]:
    with node_sdk(platform) as program:
        yield Runner(platform, program, files, Recorder("co-wechat-api", called(TABLE), saving))


@pytest.mark.parametrize("method", called(TABLE))
def test_call(method: str, runner: Runner) -> None:
    build = TABLE[method]
    assert not isinstance(build, OutOfScope)
    runner.run(method, build)


def test_no_offered_method_is_left_out(runner: Runner, saving: bool) -> None:
    offered = runner.program.call(runner.platform.shop, "$methods")
    assert set(TABLE) == set(offered)
    assert saving or set(recorded("co-wechat-api")) == set(called(TABLE))
