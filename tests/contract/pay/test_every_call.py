"""Every declared call of 微信支付 reaches the other side, in a form that is understood.

With made-up arguments nearly all are refused; what matters is that the refusal is signed, and that we know
its code. What was reached is recorded for the coverage page.
"""

from typing import Any

import pytest

from contract.conformance.cases import Recorder, recorded
from contract.official_account.sandbox_process import Sandbox
from quanyu.wechat.catalogue import DeclaredCall, all_calls
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.errors import PayRefusal, known_pay_codes
from support.examples import example

SDK = "quanyu-pay"
FAMILIES: dict[str, list[DeclaredCall]] = {}
for _one in all_calls():
    if _one.product == "pay":
        FAMILIES.setdefault(_one.family, []).append(_one)
NAMES = [f"{one.family}.{one.name}" for calls in FAMILIES.values() for one in calls]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("client", [True], indirect=True, ids=["public_key"])
async def test_every_call_of_a_family_is_answered(
    sandbox: Sandbox, client: PayClient, family: str, saving: bool
) -> None:
    recorder = Recorder(SDK, NAMES, saving)
    unknown: dict[str, str] = {}
    for one in FAMILIES[family]:
        before = await counters(sandbox)
        try:
            await client.call(one.call, example(one.call.request))
        except PayRefusal as error:
            if error.pay_code not in known_pay_codes():
                unknown[one.name] = error.pay_code
        after = await counters(sandbox)
        reached = sorted(path for path, times in after.items() if times > before.get(path, 0))
        recorder.note(f"{family}.{one.name}", reached)
    assert unknown == {}


async def counters(sandbox: Sandbox) -> dict[str, Any]:
    counted: dict[str, Any] = (await sandbox.control("GET", "/counters"))["calls"]
    return {path: times for path, times in counted.items() if " /v3/" in path}


def test_every_declared_call_is_recorded(saving: bool) -> None:
    assert saving or set(recorded(SDK)) == set(NAMES)
