"""Why a merchant does not work: one finding per thing that can be wrong, each with what to do."""

import time
from datetime import date
from typing import Final

from quanyu.modules.payments.contracts import MerchantCheck
from quanyu.modules.payments.merchants import KeptMerchant
from quanyu.wechat.errors import TransportError, WechatError
from quanyu.wechat.pay import bills
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.pay.errors import CannotDecrypt, PayRefusal, UnverifiedAnswer

# Answers that came from behind the signature check: the keys are right.
_BEHIND: Final = frozenset({"NO_STATEMENT_EXIST", "STATEMENT_CREATING", "INVALID_REQUEST", "NO_AUTH"})


async def check_merchant(
    client: PayClient, merchant: KeptMerchant, *, day: date
) -> tuple[MerchantCheck, ...]:
    """Ask for a bill, which changes nothing, and for certificates where they are in use."""
    reachable, signing, verifying = await _check_call(client, day)
    certificates = [] if merchant.keys.public_key_id else [await _check_certificates(client)]
    return (reachable, signing, verifying, *certificates, _check_received(merchant))


async def _check_call(client: PayClient, day: date) -> tuple[MerchantCheck, MerchantCheck, MerchantCheck]:
    started = time.monotonic()
    try:
        await client.call(bills.TRADE, bills.TradeBillRequest(bill_date=day.isoformat()))
    except UnverifiedAnswer as error:
        wrong = _bad("verification", f"无法验证微信支付的应答：{error}", f"answers do not verify: {error}")
        return _reached(started), _good("signing", "商户签名正确", "our signature is right"), wrong
    except TransportError as error:
        lost = _bad("reachable", f"无法连接微信支付：{error}", f"cannot reach the platform: {error}")
        return lost, _unknown("signing"), _unknown("verification")
    except PayRefusal as error:
        if error.pay_code in _BEHIND:
            # Refusals are not verified: only an answer that succeeds is.
            return (
                _reached(started),
                _good("signing", "商户签名正确", "our signature is right"),
                _unknown("verification"),
            )
        refused = _bad("signing", error.message_zh, error.message)
        return _reached(started), refused, _unknown("verification")
    return (
        _reached(started),
        _good("signing", "商户签名正确", "our signature is right"),
        _good("verification", "应答验签通过", "the answer verified"),
    )


async def _check_certificates(client: PayClient) -> MerchantCheck:
    try:
        found = await client.download_certificates()
    except CannotDecrypt:
        return _bad("certificates", "APIv3 密钥与商户平台设置的不一致", "the APIv3 key is another one")
    except WechatError as error:
        return _bad(
            "certificates",
            f"无法下载平台证书（{error}）；新商户请改用公钥模式",
            f"no certificates to be had ({error}); newer merchants use a public key",
        )
    return _good("certificates", f"平台证书 {len(found)} 张", f"{len(found)} certificates")


def _check_received(merchant: KeptMerchant) -> MerchantCheck:
    if merchant.last_notice_at is None:
        return MerchantCheck(
            name="notifications",
            ok=None,
            detail_zh="尚未收到支付通知",
            detail_en="no notification received yet",
        )
    at = merchant.last_notice_at.isoformat(timespec="seconds")
    return _good("notifications", f"最近一次通知：{at}", f"last notification: {at}")


def _reached(started: float) -> MerchantCheck:
    took_ms = int((time.monotonic() - started) * 1000)
    return _good("reachable", f"微信支付可访问（{took_ms} 毫秒）", f"the platform answers ({took_ms} ms)")


def _good(name: str, detail_zh: str, detail_en: str) -> MerchantCheck:
    return MerchantCheck(name=name, ok=True, detail_zh=detail_zh, detail_en=detail_en)


def _bad(name: str, detail_zh: str, detail_en: str) -> MerchantCheck:
    return MerchantCheck(name=name, ok=False, detail_zh=detail_zh, detail_en=detail_en)


def _unknown(name: str) -> MerchantCheck:
    return MerchantCheck(name=name, ok=None, detail_zh="未能检查", detail_en="could not be checked")
