"""Who somebody in a mini program is: login, phone number, and data only their session opens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import Fact, FactIdentifier, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import AccountKind, source_of
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import UNIONID_SCOPE, AccountId
from quanyu.modules.channels.errors import NoSession
from quanyu.modules.channels.mini_programs.contracts import (
    GivePhoneNumber,
    LoggedIn,
    OpenData,
    OpenedData,
    PhoneNumber,
)
from quanyu.modules.channels.mini_programs.queries import SessionQueries
from quanyu.modules.channels.mini_programs.translation import PREFIX
from quanyu.wechat.mini_program import open_data

LOGGED_IN: Final = f"{PREFIX}logged_in"
PHONE_NUMBER_GIVEN: Final = f"{PREFIX}phone_number_given"


class MiniProgramPeople:
    """Sessions of people, and what they let us know. The platform is asked outside any transaction."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients

    async def log_in(self, tenant_id: TenantId, account_id: AccountId, code: str) -> LoggedIn:
        """Exchange a login code, keep the session and tell the log who it was.

        Not repeatable: the code is good once. Publishes ``wechat.mini_program.logged_in``.

        Raises:
            UnknownAccount, PlatformRefusal, TransportError
        """
        client = await self._clients.mini_program(tenant_id, account_id)
        session = await client.log_in(code)
        token = self._token(client.app_id, session.openid)
        async with self._uows.system(tenant_id) as uow:
            now, sessions = uow.clock.now(), SessionQueries(uow)
            await sessions.note_person(
                account_id,
                token,
                openid_sealed=self._keyring.seal(session.openid.encode()),
                unionid_sealed=self._keyring.seal(session.unionid.encode()) if session.unionid else None,
                at=now,
            )
            sealed = self._keyring.seal(
                session.session_key.encode(), context=_context(tenant_id, account_id, token)
            )
            await sessions.save(account_id, token, sealed, at=now)
            uow.publish(logged_in(client.app_id, token, session.openid, session.unionid, at=now))
        return LoggedIn(openid=session.openid, unionid=session.unionid)

    async def give_phone_number(
        self, tenant_id: TenantId, account_id: AccountId, command: GivePhoneNumber
    ) -> PhoneNumber:
        """Exchange the code of the phone button, and tell the log whose number it is.

        Not repeatable, and charged. Publishes ``wechat.mini_program.phone_number_given``.

        Raises:
            UnknownAccount, PlatformRefusal, TransportError
        """
        client = await self._clients.mini_program(tenant_id, account_id)
        info = await client.phone_number(command.code, openid=command.openid)
        number = f"+{info.countryCode or '86'}{info.purePhoneNumber or info.phoneNumber}"
        token = self._token(client.app_id, command.openid)
        async with self._uows.system(tenant_id) as uow:
            uow.publish(phone_number_given(client.app_id, token, command.openid, number, at=uow.clock.now()))
        return PhoneNumber(phone_number=number)

    async def open_data(self, tenant_id: TenantId, account_id: AccountId, command: OpenData) -> OpenedData:
        """Decrypt what a ``wx`` function returned, with the session kept here.

        Raises:
            UnknownAccount
            NoSession: the person has not logged in.
            OpenDataRefused: encrypted with another session, for another app, or of another form.
        """
        client = await self._clients.mini_program(tenant_id, account_id)
        key = await self._session_key(tenant_id, account_id, client.app_id, command.openid)
        data = open_data.decrypt(command.encrypted_data, iv=command.iv, session_key=key, app_id=client.app_id)
        return OpenedData(data=data)

    async def is_session_valid(self, tenant_id: TenantId, account_id: AccountId, openid: str) -> bool:
        """Ask the platform whether the session kept here still lives.

        Raises:
            UnknownAccount, PlatformRefusal, TransportError
            NoSession: none is kept.
        """
        client = await self._clients.mini_program(tenant_id, account_id)
        key = await self._session_key(tenant_id, account_id, client.app_id, openid)
        return await client.is_session_valid(openid, key)

    async def _session_key(self, tenant_id: TenantId, account_id: AccountId, app_id: str, openid: str) -> str:
        token = self._token(app_id, openid)
        async with self._uows.system(tenant_id) as uow:
            sealed = await SessionQueries(uow).find_key(account_id, token)
        if sealed is None:
            raise NoSession(
                "nobody with this openid has logged in here", message_zh="该用户尚未在此登录，请重新登录"
            )
        return self._keyring.open(sealed, context=_context(tenant_id, account_id, token)).decode()

    def _token(self, app_id: str, openid: str) -> bytes:
        return self._keyring.blind("openid", app_id, openid)


def logged_in(app_id: str, token: bytes, openid: str, unionid: str, *, at: datetime) -> Fact:
    """State that somebody logged in: their openid, and their unionid across accounts."""
    identifiers = [FactIdentifier(namespace="openid", scope=app_id, value=openid)]
    if unionid:
        identifiers.append(FactIdentifier(namespace="unionid", scope=UNIONID_SCOPE, value=unionid))
    return _fact(LOGGED_IN, "login", app_id, token, identifiers, at=at)


def phone_number_given(app_id: str, token: bytes, openid: str, number: str, *, at: datetime) -> Fact:
    """State whose number the platform says it is."""
    identifiers = (
        FactIdentifier(namespace="openid", scope=app_id, value=openid),
        FactIdentifier(namespace="phone", scope="", value=number),
    )
    return _fact(PHONE_NUMBER_GIVEN, "phone", app_id, token, identifiers, traits={"phone": number}, at=at)


def _fact(
    name: str,
    about: str,
    app_id: str,
    token: bytes,
    identifiers: Sequence[FactIdentifier],
    *,
    at: datetime,
    traits: dict[str, Any] | None = None,
) -> Fact:
    return Fact(
        name=name,
        message_id=f"{about}:{token.hex()}:{at.timestamp():.6f}",
        occurred_at=at,
        identifiers=tuple(identifiers),
        traits=traits or {},
        context={"channel": AccountKind.MINI_PROGRAM.value, "app": app_id, "follower": token.hex()},
        source=source_of(app_id, AccountKind.MINI_PROGRAM),
    )


def _context(tenant_id: TenantId, account_id: AccountId, token: bytes) -> bytes:
    # A key moved to another person's row does not open.
    return f"channels.mini_session:{tenant_id}:{account_id}:{token.hex()}".encode()
