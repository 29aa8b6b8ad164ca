"""Why a corp does not work: one finding per thing that can be wrong, each with what to do in its console."""

import re
import secrets
import time
from typing import Final

from quanyu.modules.channels.accounts import Account
from quanyu.modules.channels.checks import bad, check_echo, good, unknown
from quanyu.modules.channels.contracts import Check, CheckName
from quanyu.modules.channels.wecom.contracts import CorpSecret
from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.errors import PlatformRefusal, TransportError
from quanyu.wechat.transport import Transport
from quanyu.wechat.wecom import agents
from quanyu.wechat.wecom.client import WeComClient

NOTHING_RECEIVED: Final = (
    "尚未收到企业微信推送：请在应用的“接收消息 / 设置API接收”与“客户联系 / API”中填写回调地址",
    "nothing received yet: enter the address under 接收消息 of the app and under 客户联系 / API",
)
SECRET_CHECKS: Final = {
    CorpSecret.CONTACTS: (CheckName.CONTACTS, "管理工具 / 通讯录同步"),
    CorpSecret.SERVICE: (CheckName.SERVICE, "微信客服 / API"),
    CorpSecret.ARCHIVE: (CheckName.ARCHIVE, "管理工具 / 会话内容存档"),
}
_NOT_TRUSTED: Final = 60020
_WRONG_SECRET: Final = frozenset({40001, 40091})
_WRONG_CORP: Final = 40013
_NO_RIGHT: Final = frozenset({48002, 60011, 84074})
_OTHER_AGENT: Final = frozenset({40056, 60011, 301002})
_DISABLED: Final = 50003
_ADDRESS: Final = re.compile(r"from ip: ?([0-9a-fA-F.:]+)")


async def check_app(client: WeComClient) -> tuple[Check, ...]:
    """Look at the way to the platform, the app's secret, our address, the app, and customer contact."""
    rest = (CheckName.IP_ALLOW_LIST, CheckName.AGENT, CheckName.CUSTOMER_CONTACT)
    try:
        await client.fetch_token()
    except PlatformRefusal as error:
        if error.errcode == _NOT_TRUSTED:
            return (reachable(), unknown(CheckName.CREDENTIALS), _not_trusted(error), *map(unknown, rest[1:]))
        return (reachable(), _explain_credentials(error), *map(unknown, rest))
    except TransportError as error:
        return (
            bad(
                CheckName.API_REACHABLE,
                f"无法连接企业微信接口：{error}",
                f"cannot reach the platform: {error}",
            ),
            *map(unknown, (CheckName.CREDENTIALS, *rest)),
        )
    found = (
        reachable(),
        good(CheckName.CREDENTIALS, "企业 ID 与应用 Secret 正确", "corp id and secret are right"),
    )
    address, agent = await _check_agent(client)
    is_refused = address.ok is False
    contact = unknown(CheckName.CUSTOMER_CONTACT) if is_refused else await _check_contact(client)
    return (*found, address, agent, contact)


def reachable() -> Check:
    """Return that the platform answers."""
    return good(CheckName.API_REACHABLE, "企业微信接口可访问", "the platform answers")


def _explain_credentials(error: PlatformRefusal) -> Check:
    hint_zh, hint = "", ""
    if error.errcode in _WRONG_SECRET:
        hint_zh, hint = "：请在应用详情页重新查看 Secret", ": look the secret up on the app's page"
    elif error.errcode == _WRONG_CORP:
        hint_zh, hint = "：请核对“我的企业 / 企业信息”中的企业 ID", ": compare it with 我的企业 / 企业信息"
    return bad(
        CheckName.CREDENTIALS,
        f"{error.errcode} {error.meaning_zh}{hint_zh}",
        f"{error.errcode} {error.meaning}{hint}",
    )


def _not_trusted(error: PlatformRefusal) -> Check:
    found = _ADDRESS.search(error.errmsg)
    address = found[1] if found else ""
    return bad(
        CheckName.IP_ALLOW_LIST,
        f"{error.errcode} 本机不在可信 IP 中：请在应用详情页“开发者接口 / 企业可信IP”中加入 "
        f"{address or '本机出口 IP'}（需先设置可信域名或接收消息服务器）",
        f"{error.errcode} our address is not trusted: add {address or 'our outbound address'} under "
        "企业可信IP of the app; that takes a trusted domain or a callback address first",
    )


async def _check_agent(client: WeComClient) -> tuple[Check, Check]:
    trusted = good(CheckName.IP_ALLOW_LIST, "本机 IP 可调用接口", "this machine's address may call")
    try:
        agent = await client.call(agents.GET, agents.AgentId(agentid=client.agent_id))
    except PlatformRefusal as error:
        if error.errcode == _NOT_TRUSTED:
            return _not_trusted(error), unknown(CheckName.AGENT)
        return trusted, _explain_agent(error, client.agent_id)
    except TransportError as error:
        return unknown(CheckName.IP_ALLOW_LIST), bad(
            CheckName.AGENT, f"没有应答：{error}", f"no answer: {error}"
        )
    if agent.close:
        return trusted, _switched_off()
    return trusted, good(CheckName.AGENT, f"应用“{agent.name}”可用", f"the app {agent.name} works")


def _explain_agent(error: PlatformRefusal, agent_id: int) -> Check:
    if error.errcode == _DISABLED:
        return _switched_off()
    is_other = error.errcode in _OTHER_AGENT
    hint_zh = f"：请核对 AgentId，{agent_id} 不是该 Secret 所属的应用" if is_other else ""
    hint = f": the secret is not that of the app {agent_id}" if is_other else ""
    return bad(
        CheckName.AGENT,
        f"{error.errcode} {error.meaning_zh}{hint_zh}",
        f"{error.errcode} {error.meaning}{hint}",
    )


def _switched_off() -> Check:
    return bad(CheckName.AGENT, "应用已停用：请在应用管理中启用", "the app is switched off in the console")


async def _check_contact(client: WeComClient) -> Check:
    name = CheckName.CUSTOMER_CONTACT
    try:
        members = await client.follow_users()
    except PlatformRefusal as error:
        hint_zh, hint = "", ""
        if error.errcode in _NO_RIGHT:
            hint_zh = "：请在“客户联系 / API / 可调用接口的应用”中勾选本应用"
            hint = ": tick the app under 客户联系 / API / 可调用接口的应用"
        return bad(
            name, f"{error.errcode} {error.meaning_zh}{hint_zh}", f"{error.errcode} {error.meaning}{hint}"
        )
    except TransportError as error:
        return bad(name, f"没有应答：{error}", f"no answer: {error}")
    if not members:
        return bad(
            name,
            "没有成员可以添加客户：请在“客户联系 / 权限配置 / 使用范围”中添加成员",
            "no member may have customers: add some under 客户联系 / 权限配置 / 使用范围",
        )
    return good(name, f"{len(members)} 位成员可以添加客户", f"{len(members)} members may have customers")


async def check_secret(client: WeComClient | None, kind: CorpSecret) -> Check:
    """Check that a further secret opens its calls; ``None`` where none was given."""
    name, place = SECRET_CHECKS[kind]
    if client is None:
        return unknown(
            name, f"未填写（选填，在“{place}”中查看）", f"not given; optional, found under {place}"
        )
    try:
        await client.fetch_token()
    except PlatformRefusal as error:
        return bad(
            name,
            f"{error.errcode} {error.meaning_zh}：请在“{place}”中重新查看 Secret",
            f"{error.errcode} {error.meaning}: look the secret up under {place}",
        )
    except TransportError as error:
        return unknown(name, f"没有应答：{error}", f"no answer: {error}")
    return good(name, "Secret 正确", "the secret is right")


async def check_reachable(transport: Transport, callback_url: str, account: Account) -> Check:
    """Verify our own callback address as the platform would: with an encrypted echo."""
    crypt = MessageCrypt(
        token=account.token, encoding_aes_key=account.encoding_aes_key, app_id=account.app_id
    )
    timestamp, nonce, echo = str(int(time.time())), secrets.token_hex(5), secrets.token_hex(8)
    encrypted = crypt.seal(echo.encode())
    query = {
        "msg_signature": crypt.sign_sealed(encrypted, timestamp=timestamp, nonce=nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": encrypted,
    }
    return await check_echo(transport, callback_url, query, echo)
