"""The accounts' clients as our ``SendClient``; the consent ledger as our ``ConsentBook``."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.messaging.contracts import Channel, RefusalReason
from quanyu.modules.messaging.ports import (
    ConsentAsk,
    ConsentRefusal,
    SendNotMade,
    SendRefused,
    SendUnknown,
)
from quanyu.modules.people.consent.contracts import ConsentChannel
from quanyu.modules.people.consent.service import Consent, ConsentQuestion
from quanyu.wechat.common.custom_messages import read_custom_message
from quanyu.wechat.errors import NotSent, OutcomeUnknown, PlatformRefusal
from quanyu.wechat.mini_program import subscribe_messages
from quanyu.wechat.mini_program.client import MiniProgramClient
from quanyu.wechat.official_account import template_messages
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.template_messages import TemplateMessage

Answer = TypeVar("Answer")


class LedgerConsent:
    """``ConsentBook`` from the ledger of consent."""

    def __init__(self, consent: Consent) -> None:
        self._consent = consent

    async def refusals(
        self, uow: UnitOfWork, asks: Sequence[ConsentAsk]
    ) -> Mapping[ConsentAsk, ConsentRefusal]:
        """Return which of these may not be sent."""
        questions = {
            ask: ConsentQuestion(ask.person_id, ask.purpose, consent_channel(ask.channel)) for ask in asks
        }
        answers = await self._consent.ask(uow, list(questions.values()))
        refused = {}
        for ask, question in questions.items():
            answer = answers[question]
            if not answer.is_allowed:
                reason = RefusalReason.OPTED_OUT if answer.was_withdrawn else RefusalReason.NO_CONSENT
                refused[ask] = ConsentRefusal(reason, answer.about)
        return refused


def consent_channel(channel: Channel) -> ConsentChannel:
    """Return what people say yes or no to; for webhooks only what they say of all channels counts."""
    return ConsentChannel.ALL if channel is Channel.WEBHOOK else ConsentChannel(str(channel))


class OfficialAccountSender:
    """Sends for one official account."""

    def __init__(self, client: OfficialAccountClient) -> None:
        self._client = client

    async def send_custom(self, openid: str, payload: Mapping[str, Any]) -> str:
        await _translated(self._client.send_custom(read_custom_message(openid, dict(payload))))
        return ""

    async def send_template(self, openid: str, payload: Mapping[str, Any], *, client_msg_id: str) -> str:
        message = msgspec.convert(
            {**payload, "touser": openid, "client_msg_id": client_msg_id}, TemplateMessage
        )
        return str(await _translated(self._client.send_template(message)))

    async def send_notice(self, openid: str, payload: Mapping[str, Any]) -> str:
        notice = msgspec.convert({**payload, "touser": openid}, template_messages.Notice)
        await _translated(self._client.call(template_messages.SEND_NOTICE, notice))
        return ""


class MiniProgramSender:
    """Sends for one mini program."""

    def __init__(self, client: MiniProgramClient) -> None:
        self._client = client

    async def send_subscribe(self, openid: str, payload: Mapping[str, Any]) -> str:
        message = msgspec.convert({**payload, "touser": openid}, subscribe_messages.SubscribeMessage)
        sent = await _translated(self._client.call(subscribe_messages.SEND, message))
        return str(sent.msgid) if sent.msgid else ""


async def _translated(call: Awaitable[Answer]) -> Answer:
    """Await ``call``, turning the platform tree of errors into the three this module tells apart."""
    try:
        return await call
    except NotSent as error:
        raise SendNotMade(str(error)) from error
    except OutcomeUnknown as error:
        raise SendUnknown(str(error)) from error
    except PlatformRefusal as error:
        raise SendRefused(error.errcode, error.errmsg) from error
