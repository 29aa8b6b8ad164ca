"""Calls to Tencent Cloud SMS, version 2021-01-11.

Source: Tencent Cloud documentation of SendSms, PullSmsSendStatus, PullSmsReplyStatus and
DescribeSmsTemplateList (read 2026).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from quanyu.infra.tencent_cloud import CONTENT_TYPE, authorization
from quanyu.kernel.clock import Clock
from quanyu.modules.channels.gateways.contracts import SmsSettings
from quanyu.modules.channels.gateways.errors import SmsRefused
from quanyu.wechat.errors import MalformedAnswer
from quanyu.wechat.transport import Transport

_VERSION: Final = "2021-01-11"
PULL_MAX: Final = 100
_OK: Final = "Ok"

AnswerT = TypeVar("AnswerT")


class SendStatus(msgspec.Struct, frozen=True):
    """What became of one number of a call."""

    Code: str
    SerialNo: str = ""
    Message: str = ""


class Report(msgspec.Struct, frozen=True):
    """Whether a message arrived."""

    SerialNo: str
    ReportStatus: str
    UserReceiveTime: int = 0
    Description: str = ""


class Reply(msgspec.Struct, frozen=True):
    """What somebody answered."""

    PhoneNumber: str
    ReplyContent: str
    ReplyTime: int


class TemplateStatus(msgspec.Struct, frozen=True):
    """Where the review of a template is: 0 passed, 1 waits, 2 passed and not yet in force, -1 turned down."""

    TemplateId: int
    StatusCode: int
    ReviewReply: str = ""


class _Sent(msgspec.Struct, frozen=True):
    SendStatusSet: tuple[SendStatus, ...]


class _Reports(msgspec.Struct, frozen=True):
    PullSmsSendStatusSet: tuple[Report, ...] = ()


class _Replies(msgspec.Struct, frozen=True):
    PullSmsReplyStatusSet: tuple[Reply, ...] = ()


class _Templates(msgspec.Struct, frozen=True):
    DescribeTemplateStatusSet: tuple[TemplateStatus, ...] = ()


class _Error(msgspec.Struct, frozen=True):
    Code: str
    Message: str = ""


class SmsClient:
    """Speaks for one application. Every call raises ``SmsRefused``, ``NotSent`` or ``OutcomeUnknown``."""

    def __init__(self, transport: Transport, settings: SmsSettings, secret_key: str, clock: Clock) -> None:
        self._transport = transport
        self._settings = settings
        self._secret_key = secret_key
        self._clock = clock

    async def send(self, *, phone: str, template_id: str, params: Sequence[str], context: str) -> str:
        """Send one message to one number (E.164) and return its serial number.

        A call takes up to 200 numbers, which would all get the same words; ours differ by person.
        """
        sent = await self._call(
            "SendSms",
            {
                "PhoneNumberSet": [phone],
                "SmsSdkAppId": self._settings.app_id,
                "SignName": self._settings.sign_name,
                "TemplateId": template_id,
                "TemplateParamSet": list(params),
                "SessionContext": context,
            },
            _Sent,
        )
        if len(sent.SendStatusSet) != 1:
            raise MalformedAnswer(f"SendSms: {len(sent.SendStatusSet)} answers for one number")
        status = sent.SendStatusSet[0]
        if status.Code != _OK:
            raise SmsRefused(status.Code, status.Message)
        return status.SerialNo

    async def pull_reports(self) -> tuple[Report, ...]:
        """Take up to ``PULL_MAX`` reports; the platform gives each of them once."""
        found = await self._call("PullSmsSendStatus", self._pull(), _Reports)
        return found.PullSmsSendStatusSet

    async def pull_replies(self) -> tuple[Reply, ...]:
        """Take up to ``PULL_MAX`` answers of people; the platform gives each of them once."""
        return (await self._call("PullSmsReplyStatus", self._pull(), _Replies)).PullSmsReplyStatusSet

    async def templates(self, template_ids: Sequence[str]) -> tuple[TemplateStatus, ...]:
        """Return where the review of these templates is; without any, of the first of all."""
        ids = [int(one) for one in template_ids[:PULL_MAX]]
        which: dict[str, Any] = {"TemplateIdSet": ids} if ids else {"Limit": 1, "Offset": 0}
        found = await self._call("DescribeSmsTemplateList", {"International": 0, **which}, _Templates)
        return found.DescribeTemplateStatusSet

    def _pull(self) -> dict[str, Any]:
        return {"SmsSdkAppId": self._settings.app_id, "Limit": PULL_MAX}

    async def _call(self, action: str, body: Mapping[str, Any], answer: type[AnswerT]) -> AnswerT:
        content = msgspec.json.encode(body)
        at = self._clock.now()
        base_url = self._settings.base_url
        signature = authorization(
            secret_id=self._settings.secret_id,
            secret_key=self._secret_key,
            service="sms",
            host=urlsplit(base_url).netloc,
            body=content,
            at=at,
        )
        received = await self._transport.exchange(
            "POST",
            base_url,
            "/",
            query={},
            body=content,
            content_type=CONTENT_TYPE,
            headers={
                "Authorization": signature,
                "X-TC-Action": action,
                "X-TC-Version": _VERSION,
                "X-TC-Timestamp": str(int(at.timestamp())),
                "X-TC-Region": self._settings.region,
            },
        )
        if received.status != 200:
            raise MalformedAnswer(f"{action}: answered HTTP {received.status}", status=received.status)
        return _read(action, received.content, answer)


def _read(action: str, content: bytes, answer: type[AnswerT]) -> AnswerT:
    try:
        found = msgspec.json.decode(content, type=dict[str, dict[str, Any]])["Response"]
        if "Error" in found:
            error = msgspec.convert(found["Error"], _Error)
            raise SmsRefused(error.Code, error.Message)
        return msgspec.convert(found, answer)
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError) as error:
        raise MalformedAnswer(f"{action}: not an answer of Tencent Cloud") from error
