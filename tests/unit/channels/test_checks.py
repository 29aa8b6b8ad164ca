"""What a check says about refusals and findings, in words a person can act on."""

from datetime import UTC, datetime

import pytest

from quanyu.modules.channels import checks
from quanyu.modules.channels.contracts import Check, CheckName
from quanyu.modules.channels.health.contracts import RefusedDeliveries
from quanyu.wechat.common import management
from quanyu.wechat.errors import PlatformRefusal, refusal


class Client:
    """A platform that answers as told."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    async def fetch_token(self) -> None:
        self._give()

    async def call(self, call: object, request: object) -> object:
        return self._give()

    def _give(self) -> object:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def refused(code: int, text: str) -> PlatformRefusal:
    return refusal(code, text, path="/cgi-bin/stable_token")


async def credentials(error: PlatformRefusal) -> dict[CheckName, Check]:
    found = await checks.check_token(Client(error))  # type: ignore[arg-type]
    return {check.name: check for check in found}


async def test_the_address_to_allow_is_named() -> None:
    text = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 65f0a1b2-1c2d3e4f-00112233"

    found = await credentials(refused(40164, text))

    assert found[CheckName.API_REACHABLE].ok is True
    assert found[CheckName.IP_ALLOW_LIST].ok is False
    assert "203.0.113.7" in found[CheckName.IP_ALLOW_LIST].detail_zh
    assert "IP 白名单" in found[CheckName.IP_ALLOW_LIST].detail_zh
    assert "add 203.0.113.7 to the allow list" in found[CheckName.IP_ALLOW_LIST].detail_en


@pytest.mark.parametrize(
    ("code", "words"),
    [(40125, "重置"), (40013, "AppID"), (40243, "解冻"), (50007, "冻结"), (89503, "管理员")],
)
async def test_each_refusal_says_what_to_do(code: int, words: str) -> None:
    found = await credentials(refused(code, "no"))

    (bad,) = [check for check in found.values() if check.ok is False]
    assert words in bad.detail_zh
    assert str(code) in bad.detail_en


@pytest.mark.parametrize(
    ("answer", "ok", "words"),
    [
        (management.CallbackCheckAnswer(), False, "DNS"),
        (
            management.CallbackCheckAnswer(
                dns=(management.DnsFinding(ip="203.0.113.7"),),
                ping=(management.PingFinding(ip="203.0.113.7", package_loss="100%"),),
            ),
            False,
            "203.0.113.7",
        ),
        (
            management.CallbackCheckAnswer(
                dns=(management.DnsFinding(ip="203.0.113.7"),),
                ping=(management.PingFinding(ip="203.0.113.7", package_loss="0%", time="23.079ms"),),
            ),
            True,
            "23.079ms",
        ),
        (refused(40201, "no url"), None, "回调地址"),
        (refused(48001, "no right"), False, "48001"),
    ],
)
async def test_the_platforms_own_look_at_our_address(answer: object, ok: bool | None, words: str) -> None:
    found = await checks.check_network(Client(answer), is_token_good=True)  # type: ignore[arg-type]

    assert found.ok is ok
    assert words in found.detail_zh


def test_refused_deliveries_are_counted_and_explained() -> None:
    at = datetime(2026, 3, 4, tzinfo=UTC)
    one = RefusedDeliveries(
        reason="bad_signature", count=3, last_at=at, detail_zh="Token 不一致", detail_en="x"
    )

    assert checks.check_accepted(()).ok is True
    found = checks.check_accepted([one, one])
    assert (found.ok, found.detail_zh) == (False, "最近一小时拒绝了 6 次推送；Token 不一致")
