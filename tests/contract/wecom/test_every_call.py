"""Every declared call of WeCom reaches the other side: by its verb, its path, in a form that is understood.

With made-up arguments most are refused; what matters is that the answer is one, and that we know its code.
What was reached is recorded for the coverage page.
"""

import pytest

from contract.conformance.cases import Recorder, recorded
from contract.wecom.corp import Corp
from quanyu.wechat.calls import Proof
from quanyu.wechat.catalogue import DeclaredCall, all_calls
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.refusals import Dialect, known_codes
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom import credentials
from support.examples import example

SDK = "quanyu-wecom"
_SCOPES = {
    "members": "contacts",
    "departments": "contacts",
    "member_tags": "contacts",
    "contact_jobs": "contacts",
    "archive_consent": "archive",
    "kf": "kf",
}
FAMILIES: dict[str, list[DeclaredCall]] = {}
for _one in all_calls():
    if _one.product == "wecom" and _one.call.proof is Proof.TOKEN:
        FAMILIES.setdefault(_one.family, []).append(_one)
NAMES = [f"{family}.{one.name}" for family, calls in FAMILIES.items() for one in calls]


@pytest.mark.parametrize("family", FAMILIES)
async def test_every_call_of_a_family_is_answered(
    corp: Corp, transport: Transport, family: str, saving: bool
) -> None:
    recorder = Recorder(SDK, NAMES, saving)
    scope = _SCOPES.get(family, _SCOPES.get(family.split("_", 1)[0], "app"))
    client = corp.client(transport, scope)
    refused: dict[str, int] = {}
    for one in FAMILIES[family]:
        before = await corp.calls()
        try:
            await client.call(one.call, example(one.call.request))
        except PlatformRefusal as error:
            refused[one.name] = error.errcode
        after = await corp.calls()
        reached = {path for path, times in after.items() if times > before.get(path, 0)}
        recorder.note(f"{family}.{one.name}", sorted(reached - {credentials.TOKEN.path}))

    unknown = {name: code for name, code in refused.items() if code not in known_codes(Dialect.WECOM)}
    assert unknown == {}
    assert set(refused.values()) & {43001, 43002, 40014, 41001} == set()


def test_every_declared_call_is_recorded(saving: bool) -> None:
    assert saving or set(recorded(SDK)) == set(NAMES)
