"""Handing mail to a server: RFC 5321, step by step, because each step's failure means something else."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Final

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
)

from quanyu.modules.channels.gateways.contracts import EmailSettings, MailSecurity
from quanyu.modules.channels.gateways.errors import MailRefused, MailStep
from quanyu.wechat.errors import NotSent, OutcomeUnknown

_TIMEOUT_S: Final = 10.0
_CONNECTIONS_MAX: Final = 6  # Of one account: servers turn away who comes with many.
_WAIT_FOR_ONE_S: Final = 8.0
_IDLE_S: Final = 20.0  # Kept open for the next message; servers close after minutes.


class MailClient:
    """Speaks to one account's server. Raises ``MailRefused``, ``NotSent`` or ``OutcomeUnknown``."""

    def __init__(self, settings: EmailSettings, password: str) -> None:
        self._settings = settings
        self._password = password
        self._slots = asyncio.Semaphore(_CONNECTIONS_MAX)
        self._idle: list[tuple[float, aiosmtplib.SMTP]] = []

    async def send(self, to: str, message: EmailMessage) -> None:
        """Hand one message over. What happens after its content was sent, nobody can say."""
        async with self._connection() as smtp:
            await self._envelope(smtp, to)
            try:
                await smtp.data(message.as_bytes(policy=WIRE))
            except SMTPResponseException as error:
                raise _refused(MailStep.CONTENT, error) from error
            except (SMTPException, OSError, TimeoutError) as error:
                raise OutcomeUnknown(f"no answer after the content ({type(error).__name__})") from error

    async def check(self) -> None:
        """Come as far as the sender's address; nothing goes out."""
        smtp = await self._connect()
        try:
            await _ask(MailStep.SENDER, smtp.mail(self._settings.from_address))
        finally:
            await _quit(smtp)

    async def close(self) -> None:
        """Hang up."""
        for _, smtp in self._idle:
            await _quit(smtp)
        self._idle.clear()

    async def _envelope(self, smtp: aiosmtplib.SMTP, to: str) -> None:
        await _ask(MailStep.SENDER, smtp.mail(self._settings.from_address))
        await _ask(MailStep.RECIPIENT, smtp.rcpt(to))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """Lend a connection; it is kept for the next message unless something went wrong on it."""
        try:
            await asyncio.wait_for(self._slots.acquire(), _WAIT_FOR_ONE_S)
        except TimeoutError as error:
            raise NotSent("all connections to the mail server are busy") from error
        try:
            smtp = await self._kept() or await self._connect()
            try:
                yield smtp
            except MailRefused:
                await self._keep_or_quit(smtp)
                raise
            except BaseException:
                smtp.close()
                raise
            self._idle.append((time.monotonic(), smtp))
        finally:
            self._slots.release()

    async def _keep_or_quit(self, smtp: aiosmtplib.SMTP) -> None:
        """Forget a refused message and keep the connection, if the server goes along."""
        try:
            await smtp.rset()
        except (SMTPException, OSError, TimeoutError):
            smtp.close()
        else:
            self._idle.append((time.monotonic(), smtp))

    async def _kept(self) -> aiosmtplib.SMTP | None:
        """Return a connection of before that still lives."""
        while self._idle:
            since_s, smtp = self._idle.pop()
            if time.monotonic() - since_s <= _IDLE_S:
                with contextlib.suppress(SMTPException, OSError, TimeoutError):
                    await smtp.noop()
                    return smtp
            smtp.close()
        return None

    async def _connect(self) -> aiosmtplib.SMTP:
        security = self._settings.security
        smtp = aiosmtplib.SMTP(
            hostname=self._settings.host,
            port=self._settings.port,
            use_tls=security is MailSecurity.TLS,
            start_tls=security is MailSecurity.STARTTLS,
            local_hostname=self._settings.from_address.partition("@")[2],
            timeout=_TIMEOUT_S,
        )
        try:
            await smtp.connect()
            if self._settings.username:
                await smtp.login(self._settings.username, self._password)
        except SMTPAuthenticationError as error:
            smtp.close()
            raise _refused(MailStep.LOGIN, error) from error
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            smtp.close()
            raise NotSent(f"cannot reach the mail server ({type(error).__name__})") from error
        return smtp


async def _ask(step: MailStep, asked: Awaitable[object]) -> None:
    try:
        await asked
    except SMTPResponseException as error:
        raise _refused(step, error) from error
    except (SMTPException, OSError, TimeoutError) as error:
        raise NotSent(f"the mail server hung up at the {step} ({type(error).__name__})") from error


def _refused(step: MailStep, error: SMTPResponseException) -> MailRefused:
    # A server's words may name the recipient, so they go no further than to who checks the account.
    return MailRefused(step, error.code, str(error.message))


async def _quit(smtp: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(SMTPException, OSError, TimeoutError):
        await smtp.quit()
