"""wechatpayv3 2.0.4, unmodified, against the sandbox: every method it offers, or why not.

Once synchronous with the platform's certificates, once asynchronous with its public key.
"""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from wechatpayv3 import WeChatPay
from wechatpayv3.async_ import AsyncWeChatPay

from contract.conformance.cases import OutOfScope, Recorder, called, out_of_scope, recorded
from contract.conformance.pay_world import Case, PayWorld
from contract.conformance.platform import Platform
from contract.conformance.program import HERE, Program, executed
from contract.conformance.wechatpayv3_marketing import MARKETING
from contract.conformance.wechatpayv3_money import MONEY


def in_memory(w: PayWorld) -> None:
    """Invocation parameters, callbacks and sensitive fields, which the SDK handles by itself."""
    prepay_id = w.order("tea-0001", notify_url="http://127.0.0.1:9/pay")
    package = f"prepay_id={prepay_id}"
    signature = w.do("sign", [w.appid, "1", "n", package])
    given = {"appId": w.appid, "timeStamp": "1", "nonceStr": "n", "package": package, "signType": "RSA"}
    paid = w.act("pay", invocation=given | {"paySign": signature})
    assert paid["state"] == "SUCCESS"


TABLE: dict[str, Case | OutOfScope] = {
    **MONEY,
    **MARKETING,
    "sign": in_memory,
    **out_of_scope("tested with a real callback below", "callback", "decrypt_callback", "decrypt"),
    **out_of_scope(
        "products outside marketing: business circles, parking, invoices, onboarding, banks, risk, plan",
        *(
            name
            for name in dir(WeChatPay)
            if name.startswith(
                (
                    "apply4subject_", "applyment_", "business_", "capital_", "fapiao_", "goldplan_",
                    "merchantrisk_", "parking_", "points_", "user_authorization",
                )
            )
        ),
        "image_upload",
        "video_upload",
    ),
    **out_of_scope(
        "brands that share profits on behalf of others",
        *(name for name in dir(WeChatPay) if name.startswith("brand_")),
    ),
}  # fmt: skip
# What its asynchronous half gets wrong: it sends ``null`` where it signed nothing, or forgets to wait.
ASYNC_SLIPS = frozenset(
    {
        "mch_transfer_bills_cancel", "marketing_paygift_activity_terminate", "marketing_image_upload",
        "complaint_image_upload", "complaint_image_download", "payscore_refund", "payscore_refund_query",
    }
)  # fmt: skip
# The halves are written alike: the asynchronous one makes all calls with money, and a few of each family.
ASYNC = frozenset(
    {
        *called(MONEY), *ASYNC_SLIPS, "sign", "marketing_favor_stock_send", "marketing_favor_user_coupon",
        "marketing_busifavor_coupon_use", "marketing_busifavor_stock_modify", "marketing_card_send",
        "marketing_paygift_activity_create", "complaint_detail_query", "complaint_response",
        "complaint_notification_delete", "payscore_complete", "payscore_permission_query", "guides_query",
    }
)  # fmt: skip
Worlds = Callable[[tuple[str, str]], PayWorld]
WAYS = [("sync", "certificate"), ("async", "public_key")]


RUNS = [
    pytest.param(way, method, id=f"{way[0]}-{method}")
    for way in WAYS
    for method in called(TABLE)  # type: ignore[arg-type]
    if way[0] == "sync" or method in ASYNC
]


@pytest.fixture(scope="module")
def worlds(platform: Platform, files: Path) -> Iterator[Worlds]:
    """Each half of the SDK in a process of its own, started when its first test comes."""
    started: dict[tuple[str, str], PayWorld] = {}
    with ExitStack() as stack:

        def start(way: tuple[str, str]) -> PayWorld:
            if way not in started:
                command = [sys.executable, str(HERE / "programs" / "pay_sdk.py"), way[0]]
                program = stack.enter_context(executed(platform, f"wechatpayv3-{way[0]}", command))
                started[way] = PayWorld(platform, lambda asked: ask(program, asked), *way, files)
            return started[way]

        yield start


def ask(program: Program, asked: dict[str, object]) -> object:
    return program.ask(json.loads(json.dumps(asked)))


@pytest.mark.parametrize(("way", "method"), RUNS)
def test_call(way: tuple[str, str], method: str, worlds: Worlds, saving: bool) -> None:
    world, case = worlds(way), TABLE[method]
    assert not isinstance(case, OutOfScope)
    world.begin(method)
    if world.kind == "async" and method in ASYNC_SLIPS:
        with pytest.raises(Exception, match=r".+"):
            case(world)
        return
    case(world)
    if world.kind != "sync":
        return
    # The first call downloads the certificates beside what it is for.
    reached = sorted(world.reached - {"GET /v3/certificates"})
    Recorder("wechatpayv3", called(TABLE), saving).note(method, reached)  # type: ignore[arg-type]


def test_no_offered_method_is_left_out(saving: bool) -> None:
    offered = {name for name, one in inspect.getmembers(WeChatPay, callable) if not name.startswith("_")}
    asynchronous = {
        name for name, one in inspect.getmembers(AsyncWeChatPay, callable) if not name.startswith("_")
    }
    assert set(TABLE) == offered
    assert offered - asynchronous == set()
    assert saving or set(recorded("wechatpayv3")) == set(called(TABLE))  # type: ignore[arg-type]
