"""E-mail as ``messaging`` sends it: the message itself, and what a server's refusals mean."""

from collections.abc import Mapping
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final

from quanyu.kernel.clock import Clock
from quanyu.modules.channels.gateways.contracts import EmailSettings
from quanyu.modules.channels.gateways.errors import MailRefused, MailStep
from quanyu.modules.channels.gateways.mail import MailClient
from quanyu.modules.messaging.contracts import RejectionReason
from quanyu.modules.messaging.ports import SendNotMade, SendPutOff, SendTurnedDown, SendUnknown
from quanyu.wechat.errors import NotSent, OutcomeUnknown

_REASONS: Final = {
    MailStep.SENDER: RejectionReason.PLATFORM_FORBIDDEN,
    MailStep.RECIPIENT: RejectionReason.PLATFORM_RECIPIENT_UNKNOWN,
    MailStep.CONTENT: RejectionReason.PLATFORM_CONTENT_INVALID,
}
# Servers that do not know a sender yet ask to come again after some minutes.
_LATER: Final = timedelta(minutes=5)
_MEND: Final = timedelta(minutes=1)


class EmailSender:
    """Sends for one sender's address."""

    def __init__(self, client: MailClient, settings: EmailSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock

    async def send_email(self, address: str, payload: Mapping[str, Any], *, key: str) -> str:
        """Send one; its Message-ID derives from ``key``."""
        message = self._message(address, payload, key)
        try:
            await self._client.send(address, message)
        except MailRefused as error:
            raise _refused(error) from error
        except NotSent as error:
            raise SendNotMade(str(error)) from error
        except OutcomeUnknown as error:
            raise SendUnknown(str(error)) from error
        return str(message["Message-ID"])

    def _message(self, address: str, payload: Mapping[str, Any], key: str) -> EmailMessage:
        settings = self._settings
        user, _, domain = settings.from_address.partition("@")
        message = EmailMessage()
        message["From"] = Address(settings.from_name, user, domain)
        message["To"] = address
        message["Subject"] = payload["subject"]
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{key}@{domain}>"
        if settings.reply_to:
            message["Reply-To"] = settings.reply_to
        if page := payload.get("unsubscribe"):
            message["List-Unsubscribe"] = f"<{page}>"
        message.set_content(payload["text"], cte="base64")
        if html := payload.get("html"):
            message.add_alternative(html, subtype="html", cte="base64")
        return message


def _refused(error: MailRefused) -> Exception:
    """Return how a refusal is told to the dispatcher; the server's words stay here, they may name people."""
    if error.step is MailStep.LOGIN:
        return SendPutOff(_MEND, account_trouble=True)
    if error.is_for_now:
        return SendPutOff(_LATER, account_trouble=error.step is MailStep.SENDER)
    return SendTurnedDown(_REASONS[error.step], f"SMTP {error.code}")
