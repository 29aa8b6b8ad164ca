"""wechatpy 2.0.0a26, unmodified, against the sandbox: every method of its client of 企业微信, or why not."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.conformance.cases import Case, OutOfScope, Recorder, called, check, paths_reached, recorded
from contract.conformance.platform import Platform
from contract.conformance.program import WORK_PYTHON, Program, SdkRefusal, work_sdk
from contract.conformance.wechatpy_work import TABLE as CUSTOMERS
from contract.conformance.wechatpy_work_members import MEMBERS
from contract.conformance.worlds.company import Company
from contract.conformance.worlds.enterprise import CompanyWorld

SDK = "wechatpy-work"
TABLE = CUSTOMERS | MEMBERS
_LIST = """
import inspect, json
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.work import WeChatClient

def public(kind):
    found = inspect.getmembers(kind, lambda one: inspect.isroutine(one) or isinstance(one, property))
    return [name for name, _ in found if not name.startswith("_")]

client = WeChatClient("ww0", "secret", access_token="none")
names = public(WeChatClient)
for owner, api in inspect.getmembers(client, lambda one: isinstance(one, BaseWeChatAPI)):
    own = set(public(type(api))) - set(public(BaseWeChatAPI))
    names += [f"{owner}.{name}" for name in own]
print(json.dumps(names))
"""


@pytest.fixture(scope="module")
def program(platform: Platform) -> Iterator[Program]:
    with work_sdk(platform) as running:
        yield running


@pytest.mark.parametrize("method", called(CUSTOMERS))
def test_customers(method: str, platform: Platform, program: Program, files: Path, saving: bool) -> None:
    build = CUSTOMERS[method]
    assert not isinstance(build, OutOfScope)
    company = Company(platform, files)
    case = build(company)
    account = company.account("kf" if case.account == "kf" else "customers")
    _hold(method, case, platform, saving, lambda: _call(program, account, method, case))


@pytest.mark.parametrize("method", called(MEMBERS))
def test_members(method: str, platform: Platform, program: Program, files: Path, saving: bool) -> None:
    platform.forget()
    with CompanyWorld(platform, files) as world:
        case = MEMBERS[method](world)
        account = platform.secret_of(case.account)
        _hold(method, case, platform, saving, lambda: _call(program, account, method, case))


def _call(program: Program, account: dict[str, Any], method: str, case: Case) -> Any:
    return program.call(account, method, *case.arguments, fresh=True, **case.options)


def _hold(method: str, case: Case, platform: Platform, saving: bool, run: Callable[[], Any]) -> None:
    """Call, hold what comes of it to the case, and note which endpoints it reached."""
    before = platform.calls()
    if case.refused is None:
        result = run()
        reached = paths_reached(platform, before)
        check(result, case)
    else:
        with pytest.raises(SdkRefusal) as refusal:
            run()
        reached = paths_reached(platform, before)
        assert refusal.value.errcode == case.refused
    Recorder(SDK, called(TABLE), saving).note(method, reached)


def test_no_offered_method_is_left_out(saving: bool) -> None:
    listed = subprocess.run(
        [str(WORK_PYTHON), "-c", _LIST], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(TABLE) == set(json.loads(listed.stdout))
    assert saving or set(recorded(SDK)) == set(called(TABLE))
