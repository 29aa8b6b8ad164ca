"""A real SMTP server whose answers a test chooses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "shop", "mail-password"


@dataclass
class MailServer:
    """Takes mail on loopback. The first of ``answers`` to a step is given instead of the usual one."""

    port: int = 0
    arrived: list[tuple[str, EmailMessage]] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    hang_up_after_content: int = 0  # How many times.
    connections: int = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._chosen("MAIL") or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        chosen = self._chosen("RCPT")
        if chosen is None:
            envelope.rcpt_tos.append(address)
        return chosen or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if chosen := self._chosen("DATA"):
            return chosen
        message = message_from_bytes(bytes(envelope.content or b""), policy=default)
        assert isinstance(message, EmailMessage)
        self.arrived += [(one, message) for one in envelope.rcpt_tos]
        if self.hang_up_after_content:
            self.hang_up_after_content -= 1
            server.transport.abort()
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        is_known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_known, handled=is_known)

    def _chosen(self, step: str) -> str | None:
        waiting = self.answers.get(step)
        return waiting.pop(0) if waiting else None

    def protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(self, authenticator=self.authenticate, auth_require_tls=False, hostname="mail.test")


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """Serve until the block ends."""
    made = MailServer()
    server = await asyncio.get_running_loop().create_server(made.protocol, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
