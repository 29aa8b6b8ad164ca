"""The official account's client as this module's ``SendClient``."""

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import msgspec

from quanyu.modules.messaging.ports import SendNotMade, SendRefused, SendUnknown
from quanyu.wechat.common.custom_messages import read_custom_message
from quanyu.wechat.errors import NotSent, OutcomeUnknown, PlatformRefusal
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.template_messages import TemplateMessage

Answer = TypeVar("Answer")


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
