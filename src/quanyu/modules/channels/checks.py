"""Why an account does not work: one finding per thing that can be wrong, each with what to do."""

import ipaddress
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from quanyu.modules.channels.accounts import Account, MessageMode
from quanyu.modules.channels.contracts import Check, CheckName
from quanyu.modules.channels.health.contracts import RefusedDeliveries
from quanyu.wechat.callbacks.crypto import decode_aes_key, sign
from quanyu.wechat.callbacks.errors import InvalidEncodingKey
from quanyu.wechat.client import PlatformClient
from quanyu.wechat.common import management
from quanyu.wechat.errors import PlatformRefusal, TransportError
from quanyu.wechat.transport import OFFICIAL_BASE_URL, Transport

# The caller's address is not allowed, or an administrator must confirm it.
_ADDRESS_CODES: Final = frozenset({40164, 61004, 89503, 89506, 89507})
# What to do about a refused credential.
_HINTS: Final = {
    40013: ("：请核对开发者 ID(AppID)", ": compare it with 开发者 ID(AppID)"),
    40125: ("：请在微信公众平台重置并重新填写 AppSecret", ": reset it in the console and connect again"),
    40243: ("：请在微信公众平台解冻", ": unfreeze it in the console"),
    50007: ("：请登录微信公众平台查看原因", ": the console tells why"),
}
_ADDRESS: Final = re.compile(r"invalid ip ([0-9a-fA-F.:]+)")
_NO_CALLBACK_URL: Final = 40201
_CLOCK_OFF_MAX_S: Final = 10.0
RECENT: Final = timedelta(hours=1)
_PLATFORM_PORTS: Final = frozenset({None, 80, 443})


async def check_token(client: PlatformClient) -> tuple[Check, Check, Check]:
    """Ask for a token: tells of the way to the platform, the secret, and the IP allow list."""
    try:
        await client.fetch_token()
    except TransportError as error:
        return (
            bad(CheckName.API_REACHABLE, f"无法连接微信接口：{error}", f"cannot reach the platform: {error}"),
            unknown(CheckName.CREDENTIALS),
            unknown(CheckName.IP_ALLOW_LIST),
        )
    except PlatformRefusal as error:
        return _reachable(), *_explain_refusal(error)
    return (
        _reachable(),
        good(CheckName.CREDENTIALS, "AppID 与 AppSecret 正确", "app id and AppSecret are right"),
        good(CheckName.IP_ALLOW_LIST, "本机 IP 可调用接口", "this machine's address may call"),
    )


def _explain_refusal(error: PlatformRefusal) -> tuple[Check, Check]:
    if error.errcode in _ADDRESS_CODES:
        found = _ADDRESS.search(error.errmsg)
        address = found[1] if found else ""
        return (
            unknown(CheckName.CREDENTIALS),
            bad(
                CheckName.IP_ALLOW_LIST,
                f"{error.errcode} {error.meaning_zh}：请在“开发接口管理 / 基本配置”中将 "
                f"{address or '本机出口 IP'} 加入 IP 白名单",
                f"{error.errcode} {error.meaning}: add {address or 'our outbound address'} to the allow list",
            ),
        )
    return (
        bad(
            CheckName.CREDENTIALS,
            f"{error.errcode} {error.meaning_zh}{_HINTS.get(error.errcode, ('', ''))[0]}",
            f"{error.errcode} {error.meaning}{_HINTS.get(error.errcode, ('', ''))[1]}",
        ),
        unknown(CheckName.IP_ALLOW_LIST),
    )


def check_aes_key(account: Account) -> Check:
    """Check the form of the EncodingAESKey, where one is used."""
    if account.mode is MessageMode.PLAIN:
        return good(
            CheckName.ENCODING_AES_KEY,
            "明文模式不使用 EncodingAESKey；建议改用安全模式，明文推送的内容没有签名保护",
            "plain mode uses no EncodingAESKey; secure mode is better: no signature covers these documents",
        )
    try:
        decode_aes_key(account.encoding_aes_key)
    except InvalidEncodingKey as error:
        return bad(CheckName.ENCODING_AES_KEY, "EncodingAESKey 应为 43 位字母或数字", error.message)
    return good(CheckName.ENCODING_AES_KEY, "EncodingAESKey 格式正确", "EncodingAESKey has the right form")


def check_callback_url(
    callback_url: str,
    base_url: str,
    *,
    official: str = OFFICIAL_BASE_URL,
    ports: frozenset[int | None] | None = _PLATFORM_PORTS,
) -> Check:
    """Check that the platform, being outside, could call this address at all.

    ``ports`` are those it calls; ``None``: any.
    """
    if base_url != official:
        return good(CheckName.CALLBACK_URL, "沙箱可访问任意地址", "a sandbox may call any address")
    parts = urlsplit(callback_url)
    if ports is not None and parts.port not in ports:
        return bad(
            CheckName.CALLBACK_URL,
            f"微信只支持 80 和 443 端口，当前为 {parts.port}",
            f"the platform calls ports 80 and 443 only, this is {parts.port}",
        )
    if _is_private(parts.hostname or ""):
        return bad(
            CheckName.CALLBACK_URL,
            f"{parts.hostname} 在公网不可访问，请设置 QUANYU_PUBLIC_URL",
            f"{parts.hostname} cannot be reached from outside; set QUANYU_PUBLIC_URL",
        )
    return good(CheckName.CALLBACK_URL, callback_url, callback_url)


async def check_reachable(transport: Transport, callback_url: str, token: str) -> Check:
    """Verify our own callback address as the platform would, over the public address."""
    timestamp, nonce, echo = str(int(time.time())), secrets.token_hex(5), secrets.token_hex(8)
    query = {
        "signature": sign(token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }
    return await check_echo(transport, callback_url, query, echo)


async def check_echo(transport: Transport, callback_url: str, query: Mapping[str, str], echo: str) -> Check:
    """Send a signed verification to our own callback address and expect ``echo``."""
    parts = urlsplit(callback_url)
    try:
        answer = await transport.send(
            "GET", f"{parts.scheme}://{parts.netloc}", parts.path, query=query, body=None
        )
    except TransportError as error:
        return bad(
            CheckName.CALLBACK_REACHABLE,
            f"从本机访问回调地址失败：{error}",
            f"our own call to the callback address failed: {error}",
        )
    if answer != echo.encode():
        return bad(
            CheckName.CALLBACK_REACHABLE,
            "回调地址返回的不是本系统的应答，请检查反向代理",
            "something else answers at the callback address; check the reverse proxy",
        )
    return good(CheckName.CALLBACK_REACHABLE, "回调地址可访问", "the callback address answers")


_NOTHING_RECEIVED: Final = (
    "尚未收到微信推送：请在微信公众平台提交服务器配置并启用",
    "nothing received yet: submit and enable the server configuration in the console",
)


def check_received(account: Account, *, nothing: tuple[str, str] = _NOTHING_RECEIVED) -> Check:
    """Tell when the platform called last; ``nothing`` says what to do if it never did."""
    if account.last_callback_at is None:
        return unknown(CheckName.CALLBACKS_RECEIVED, *nothing)
    at = account.last_callback_at.isoformat(timespec="seconds")
    return good(CheckName.CALLBACKS_RECEIVED, f"最近一次推送：{at}", f"last callback: {at}")


async def check_network(client: PlatformClient, *, is_token_good: bool) -> Check:
    """Have the platform itself look our callback address up and reach it (callback/check)."""
    name = CheckName.CALLBACK_NETWORK
    if not is_token_good:
        return unknown(name)
    request = management.CallbackCheckRequest(action="all", check_operator="DEFAULT")
    try:
        answer = await client.call(management.CALLBACK_CHECK, request)
    except PlatformRefusal as error:
        if error.errcode == _NO_CALLBACK_URL:
            return unknown(
                name,
                "微信公众平台还没有填写回调地址",
                "no callback address is entered in the platform's console yet",
            )
        return bad(name, f"{error.errcode} {error.meaning_zh}", f"{error.errcode} {error.meaning}")
    except TransportError as error:
        return bad(name, f"网络检测没有应答：{error}", f"the network check did not answer: {error}")
    if not answer.dns:
        return bad(
            name,
            "微信无法解析回调域名，请检查 DNS",
            "the platform cannot look up the callback's name: check the DNS",
        )
    reached = [ping for ping in answer.ping if not ping.package_loss.startswith("100")]
    if not reached:
        addresses = ", ".join(ping.ip for ping in answer.ping)
        return bad(
            name,
            f"微信无法连接 {addresses}（全部丢包），请检查防火墙和公网地址",
            f"the platform cannot reach {addresses}, everything is lost: check firewall and public address",
        )
    times = ", ".join(f"{ping.ip} {ping.time}" for ping in reached)
    return good(name, f"微信可连接回调地址：{times}", f"the platform reaches the callback address: {times}")


def check_accepted(refused: Sequence[RefusedDeliveries]) -> Check:
    """Tell why deliveries of the last hour were not taken: a wrong token or key shows here."""
    if not refused:
        return good(
            CheckName.CALLBACKS_ACCEPTED,
            "最近一小时没有被拒绝的推送",
            "no delivery was refused in the last hour",
        )
    count, worst = sum(one.count for one in refused), refused[0]
    return bad(
        CheckName.CALLBACKS_ACCEPTED,
        f"最近一小时拒绝了 {count} 次推送；{worst.detail_zh}",
        f"{count} deliveries refused in the last hour; {worst.detail_en}",
    )


async def check_clock(transport: Transport, base_url: str) -> Check:
    """Compare this machine's clock with the platform's: signatures and expiry depend on it."""
    before = time.time()
    try:
        answer = await transport.exchange("GET", base_url, "/cgi-bin/getcallbackip", query={}, body=None)
    except TransportError:
        return unknown(CheckName.CLOCK)
    if answer.sent_at is None:
        return unknown(CheckName.CLOCK)
    # The platform's second ends somewhere between our asking and hearing.
    off_s = answer.sent_at.timestamp() + 0.5 - (before + time.time()) / 2
    if abs(off_s) > _CLOCK_OFF_MAX_S:
        return bad(
            CheckName.CLOCK,
            f"本机时间比微信{'慢' if off_s > 0 else '快'} {abs(off_s):.0f} 秒，请启用时间同步（NTP）",
            f"this machine's clock is {abs(off_s):.0f} s {'behind' if off_s > 0 else 'ahead of'} "
            "the platform's: switch time synchronisation (NTP) on",
        )
    return good(CheckName.CLOCK, "本机时间与微信一致", "this machine's clock agrees with the platform's")


def _is_private(host: str) -> bool:
    if host in ("", "localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


def _reachable() -> Check:
    return good(CheckName.API_REACHABLE, "微信接口可访问", "the platform answers")


def good(name: CheckName, detail_zh: str, detail_en: str) -> Check:
    """Return that something is as it should be."""
    return Check(name=name, ok=True, detail_zh=detail_zh, detail_en=detail_en)


def bad(name: CheckName, detail_zh: str, detail_en: str) -> Check:
    """Return what is wrong, and what to do."""
    return Check(name=name, ok=False, detail_zh=detail_zh, detail_en=detail_en)


def unknown(name: CheckName, detail_zh: str = "未能检查", detail_en: str = "could not be checked") -> Check:
    """Return that there is nothing to say yet."""
    return Check(name=name, ok=None, detail_zh=detail_zh, detail_en=detail_en)
