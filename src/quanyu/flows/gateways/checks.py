"""Why a gateway does not work: one finding per thing that can be wrong, each with what to do."""

from collections.abc import Mapping
from typing import Final

from quanyu.infra.outbound import OutboundFailed
from quanyu.kernel.ids import new_id
from quanyu.modules.channels.contracts import Check, CheckName
from quanyu.modules.channels.gateways.contracts import SmsSettings
from quanyu.modules.channels.gateways.errors import MailRefused, MailStep, SmsRefused
from quanyu.modules.channels.gateways.mail import MailClient
from quanyu.modules.channels.gateways.sms import SmsClient, TemplateStatus
from quanyu.modules.channels.gateways.webhooks import CHECK_EVENT, WebhookClient
from quanyu.wechat.errors import TransportError

_NO_WAY: Final = {
    "inner_network": ("地址在内网，未被允许", "the address is on the inner network and not allowed"),
    "timeout": ("没有在限定时间内答复", "no answer in time"),
}
_IN_FORCE: Final = 0
_STATES: Final = {1: ("审核中", "waits for review"), 2: ("已通过、待生效", "not yet in force")}


async def check_mail(client: MailClient) -> tuple[Check, ...]:
    """Come as far as the sender's address: tells of the way there, the password, and the sender."""
    try:
        await client.check()
    except TransportError as error:
        return (
            _check(CheckName.API_REACHABLE, False, f"无法连接邮件服务器：{error}", str(error)),
            _check(CheckName.CREDENTIALS, None),
            _check(CheckName.SENDER, None),
        )
    except MailRefused as error:
        said = f"{error.code} {error.message}"
        if error.step is MailStep.LOGIN:
            return (
                _reachable(),
                _check(
                    CheckName.CREDENTIALS, False, f"登录被拒绝：{said}", f"signing in was refused: {said}"
                ),
                _check(CheckName.SENDER, None),
            )
        sender = _check(CheckName.SENDER, False, f"不接受发件地址：{said}", f"the sender was refused: {said}")
        return (_reachable(), _signed_in(), sender)
    sender = _check(CheckName.SENDER, True, "服务器接受发件地址", "the server takes mail from this sender")
    return (_reachable(), _signed_in(), sender)


async def check_webhook(client: WebhookClient) -> tuple[Check, ...]:
    """Post a check of our own: tells of the way there, and what the receiver makes of a signed request."""
    try:
        status = await client.post({"event": CHECK_EVENT}, key=f"{CHECK_EVENT}:{new_id()}")
    except OutboundFailed as error:
        zh, en = _NO_WAY.get(error.reason, ("无法连接", "cannot be reached"))
        return (
            _check(CheckName.API_REACHABLE, False, f"{zh}（{error.detail}）", f"{en} ({error.detail})"),
            _check(CheckName.ANSWER, None),
        )
    said = _check(
        CheckName.ANSWER, 200 <= status < 300, f"对方答复 HTTP {status}", f"it answers HTTP {status}"
    )
    return (_reachable(), said)


def _signed_in() -> Check:
    return _check(
        CheckName.CREDENTIALS, True, "账号与密码正确，或无需登录", "signing in works, or is not asked for"
    )


async def check_sms(client: SmsClient, settings: SmsSettings) -> tuple[Check, ...]:
    """Ask for the templates: tells of the way there, the secret, and whether each may be used."""
    try:
        found = await client.templates([one.template_id for one in settings.templates])
    except TransportError as error:
        return (
            _check(CheckName.API_REACHABLE, False, f"无法连接短信接口：{error}", f"cannot reach it: {error}"),
            _check(CheckName.CREDENTIALS, None),
            _check(CheckName.TEMPLATES, None),
        )
    except SmsRefused as error:
        said = f"{error.code} {error.message}"
        zh = f"{said}：请核对 SecretId、SecretKey、SDK AppID 与本机时间"
        return (
            _reachable(),
            _check(
                CheckName.CREDENTIALS, False, zh, f"{said}: compare SecretId, SecretKey, app id and clock"
            ),
            _check(CheckName.TEMPLATES, None),
        )
    good = _check(
        CheckName.CREDENTIALS, True, "SecretId 与 SecretKey 正确", "SecretId and SecretKey are right"
    )
    return (_reachable(), good, _check_templates(settings, {str(one.TemplateId): one for one in found}))


def _check_templates(settings: SmsSettings, found: Mapping[str, TemplateStatus]) -> Check:
    wrong_zh, wrong_en = [], []
    for one in settings.templates:
        status = found.get(one.template_id)
        if status is None:
            zh, en = "不存在", "is not there"
        elif status.StatusCode == _IN_FORCE:
            continue
        else:
            zh, en = _STATES.get(status.StatusCode, (f"未通过：{status.ReviewReply}", "was turned down"))
        wrong_zh.append(f"{one.template_id} {zh}")
        wrong_en.append(f"{one.template_id} {en}")
    if wrong_zh:
        return _check(CheckName.TEMPLATES, False, "；".join(wrong_zh), "; ".join(wrong_en))
    if not settings.templates:
        return _check(CheckName.TEMPLATES, False, "尚未填写短信模板", "no template is named yet")
    return _check(CheckName.TEMPLATES, True, "模板均已通过审核", "every template may be used")


def _reachable() -> Check:
    return _check(CheckName.API_REACHABLE, True, "可以连接", "the other side answers")


def _check(name: CheckName, ok: bool | None, zh: str = "未检查", en: str = "not looked at") -> Check:
    return Check(name=name, ok=ok, detail_zh=zh, detail_en=en)
