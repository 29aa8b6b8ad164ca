"""wechatpy 2.0.0a26, unmodified, against the sandbox: every method it offers for customers and service."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.conformance.cases import OutOfScope, Recorder, called, check, recorded
from contract.conformance.platform import Platform
from contract.conformance.program import WORK_PYTHON, Program, SdkRefusal, work_sdk
from contract.conformance.wechatpy_work import TABLE
from contract.conformance.worlds.company import Company

SDK = "wechatpy-work"
OBJECTS = ("external_contact", "external_contact_group_chat", "kf", "kf_message")
_LIST = """
import inspect, json, sys
from wechatpy.work import WeChatClient
client = WeChatClient("ww0", "secret", access_token="none")
names = [f"{one}.{name}" for one in sys.argv[1:] for name, _ in
         inspect.getmembers(type(getattr(client, one)), inspect.isroutine) if not name.startswith("_")]
print(json.dumps(names))
"""


@pytest.fixture(scope="module")
def program(platform: Platform) -> Iterator[Program]:
    with work_sdk(platform) as running:
        yield running


@pytest.mark.parametrize("method", called(TABLE))
def test_call(method: str, platform: Platform, program: Program, files: Path, saving: bool) -> None:
    build = TABLE[method]
    assert not isinstance(build, OutOfScope)
    company = Company(platform, files)
    case = build(company)
    account = company.account("kf" if case.account == "kf" else "customers")
    before = platform.corp_calls()
    if case.refused is None:
        check(program.call(account, method, *case.arguments, fresh=True, **case.options), case)
    else:
        with pytest.raises(SdkRefusal) as refusal:
            program.call(account, method, *case.arguments, fresh=True, **case.options)
        assert refusal.value.errcode == case.refused
    after = platform.corp_calls()
    reached = {path for path, times in after.items() if times > before.get(path, 0)}
    Recorder(SDK, called(TABLE), saving).note(method, sorted(reached - {"/cgi-bin/gettoken"}))


def test_no_offered_method_is_left_out(saving: bool) -> None:
    listed = subprocess.run(
        [str(WORK_PYTHON), "-c", _LIST, *OBJECTS], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(TABLE) == set(json.loads(listed.stdout))
    assert saving or set(recorded(SDK)) == set(called(TABLE))
