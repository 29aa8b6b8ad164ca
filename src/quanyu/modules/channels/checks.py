"""Why an account does not work: one finding per thing that can be wrong, each with what to do."""

import ipaddress
import re
import secrets
import time
from typing import Final
from urllib.parse import urlsplit

from quanyu.modules.channels.accounts import Account
from quanyu.modules.channels.contracts import Check, CheckName
from quanyu.wechat.errors import PlatformRefusal, TransportError
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.crypto import decode_aes_key, sign
from quanyu.wechat.official_account.errors import InvalidEncodingKey
from quanyu.wechat.transport import OFFICIAL_BASE_URL, Transport

# The caller's address is not allowed, or an administrator must confirm it.
_ADDRESS_CODES: Final = frozenset({40164, 61004, 89503, 89506, 89507})
_ADDRESS: Final = re.compile(r"invalid ip ([0-9a-fA-F.:]+)")
_PLATFORM_PORTS: Final = {None, 80, 443}


async def check_token(client: OfficialAccountClient) -> tuple[Check, Check, Check]:
    """Ask for a token: tells of the way to the platform, the secret, and the IP allow list."""
    try:
        await client.fetch_token()
    except TransportError as error:
        return (
            _bad(
                CheckName.API_REACHABLE, f"无法连接微信接口：{error}", f"cannot reach the platform: {error}"
            ),
            _unknown(CheckName.CREDENTIALS),
            _unknown(CheckName.IP_ALLOW_LIST),
        )
    except PlatformRefusal as error:
        return _reachable(), *_explain_refusal(error)
    return (
        _reachable(),
        _good(CheckName.CREDENTIALS, "AppID 与 AppSecret 正确", "app id and AppSecret are right"),
        _good(CheckName.IP_ALLOW_LIST, "本机 IP 可调用接口", "this machine's address may call"),
    )


def _explain_refusal(error: PlatformRefusal) -> tuple[Check, Check]:
    if error.errcode in _ADDRESS_CODES:
        found = _ADDRESS.search(error.errmsg)
        address = found[1] if found else ""
        return (
            _unknown(CheckName.CREDENTIALS),
            _bad(
                CheckName.IP_ALLOW_LIST,
                f"{error.errcode} {error.meaning_zh}：请将 {address or '本机出口 IP'} 加入 IP 白名单",
                f"{error.errcode} {error.meaning}: add {address or 'our outbound address'} to the allow list",
            ),
        )
    return (
        _bad(
            CheckName.CREDENTIALS,
            f"{error.errcode} {error.meaning_zh}",
            f"{error.errcode} {error.meaning}",
        ),
        _unknown(CheckName.IP_ALLOW_LIST),
    )


def check_aes_key(encoding_aes_key: str) -> Check:
    """Check the form of the EncodingAESKey."""
    try:
        decode_aes_key(encoding_aes_key)
    except InvalidEncodingKey as error:
        return _bad(CheckName.ENCODING_AES_KEY, "EncodingAESKey 应为 43 位字母或数字", error.message)
    return _good(CheckName.ENCODING_AES_KEY, "EncodingAESKey 格式正确", "EncodingAESKey has the right form")


def check_callback_url(callback_url: str, base_url: str) -> Check:
    """Check that the platform, being outside, could call this address at all."""
    if base_url != OFFICIAL_BASE_URL:
        return _good(CheckName.CALLBACK_URL, "沙箱可访问任意地址", "a sandbox may call any address")
    parts = urlsplit(callback_url)
    if parts.port not in _PLATFORM_PORTS:
        return _bad(
            CheckName.CALLBACK_URL,
            f"微信只支持 80 和 443 端口，当前为 {parts.port}",
            f"the platform calls ports 80 and 443 only, this is {parts.port}",
        )
    if _is_private(parts.hostname or ""):
        return _bad(
            CheckName.CALLBACK_URL,
            f"{parts.hostname} 在公网不可访问，请设置 QUANYU_PUBLIC_URL",
            f"{parts.hostname} cannot be reached from outside; set QUANYU_PUBLIC_URL",
        )
    return _good(CheckName.CALLBACK_URL, callback_url, callback_url)


async def check_reachable(transport: Transport, callback_url: str, token: str) -> Check:
    """Verify our own callback address as the platform would, over the public address."""
    parts = urlsplit(callback_url)
    timestamp, nonce, echo = str(int(time.time())), secrets.token_hex(5), secrets.token_hex(8)
    query = {
        "signature": sign(token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }
    try:
        answer = await transport.send(
            "GET", f"{parts.scheme}://{parts.netloc}", parts.path, query=query, body=None
        )
    except TransportError as error:
        return _bad(
            CheckName.CALLBACK_REACHABLE,
            f"从本机访问回调地址失败：{error}",
            f"our own call to the callback address failed: {error}",
        )
    if answer != echo.encode():
        return _bad(
            CheckName.CALLBACK_REACHABLE,
            "回调地址返回的不是本系统的应答，请检查反向代理",
            "something else answers at the callback address; check the reverse proxy",
        )
    return _good(CheckName.CALLBACK_REACHABLE, "回调地址可访问", "the callback address answers")


def check_received(account: Account) -> Check:
    """Tell when the platform called last."""
    if account.last_callback_at is None:
        return Check(
            name=CheckName.CALLBACKS_RECEIVED,
            ok=None,
            detail_zh="尚未收到微信推送：请在公众号后台提交服务器配置并启用",
            detail_en="nothing received yet: submit and enable the server configuration in the console",
        )
    at = account.last_callback_at.isoformat(timespec="seconds")
    return _good(CheckName.CALLBACKS_RECEIVED, f"最近一次推送：{at}", f"last callback: {at}")


def _is_private(host: str) -> bool:
    if host in ("", "localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


def _reachable() -> Check:
    return _good(CheckName.API_REACHABLE, "微信接口可访问", "the platform answers")


def _good(name: CheckName, detail_zh: str, detail_en: str) -> Check:
    return Check(name=name, ok=True, detail_zh=detail_zh, detail_en=detail_en)


def _bad(name: CheckName, detail_zh: str, detail_en: str) -> Check:
    return Check(name=name, ok=False, detail_zh=detail_zh, detail_en=detail_en)


def _unknown(name: CheckName) -> Check:
    return Check(name=name, ok=None, detail_zh="未能检查", detail_en="could not be checked")
