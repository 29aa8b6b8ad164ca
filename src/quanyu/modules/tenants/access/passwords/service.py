"""Signing in by password, one's own account, and new passwords by a link."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants import tokens
from quanyu.modules.tenants.access.errors import (
    EmailTaken,
    InvalidLink,
    PersonOnly,
    WrongCredentials,
    WrongPassword,
)
from quanyu.modules.tenants.access.members.queries import MemberQueries
from quanyu.modules.tenants.access.members.rules import normal_email
from quanyu.modules.tenants.access.passwords import pace
from quanyu.modules.tenants.access.passwords.contracts import (
    OwnAccount,
    OwnAccountChange,
    PasswordChange,
    PasswordReset,
    ResetView,
    SignIn,
    SignInAnswer,
    SignInBrand,
)
from quanyu.modules.tenants.access.passwords.hashing import Hasher, is_dated
from quanyu.modules.tenants.access.passwords.queries import PasswordQueries
from quanyu.modules.tenants.access.passwords.rules import check_password
from quanyu.modules.tenants.contracts import NO_TENANT, Device, SignInWay
from quanyu.modules.tenants.service import Tenants


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The answer to a sign-in, and the session if it went through."""

    answer: SignInAnswer
    token: str = ""


class Passwords:
    """Passwords of members. Whoever asks is told neither whether an address is known nor what was wrong."""

    def __init__(self, uows: UnitOfWorkFactory, tenants: Tenants, hasher: Hasher) -> None:
        self._uows = uows
        self._tenants = tenants
        self._hasher = hasher
        self._pace = pace.SignInPace(uows)

    async def sign_in(self, wanted: SignIn, device: Device) -> SignedIn:
        """Sign somebody in, or say which brands there are to choose from.

        Raises:
            WrongCredentials, TooManyAttempts
        """
        email = wanted.email.strip().lower()
        counted = (pace.account(email), pace.address(device.address))
        await self._pace.count(counted)
        right = await self._right_accounts(email, wanted)
        if not right:
            raise _wrong()
        if len(right) > 1:
            await self._pace.take_back(counted)
            brands = tuple(SignInBrand(key=one.key, name=one.name) for one in right)
            return SignedIn(SignInAnswer(step="choose_brand", brands=brands))
        token = await self._open(right[0], wanted.password, device)
        await self._pace.take_back(counted[1:])
        await self._pace.forget(counted[0])
        return SignedIn(SignInAnswer(step="signed_in"), token)

    async def own_account(self, uow: UnitOfWork, user_id: int) -> OwnAccount:
        """Return one's own account.

        Raises:
            PersonOnly: it is no person who asks.
        """
        account = await self._own(uow, user_id)
        return OwnAccount(
            name=account.name, email=account.email, has_password=account.password_phc is not None
        )

    async def change_own_account(self, tenant_id: TenantId, user_id: int, wanted: OwnAccountChange) -> None:
        """Change one's name and address; a new address asks for the password, if there is one.

        Raises:
            PersonOnly, InvalidEmail, EmailTaken, WrongPassword, TooManyAttempts
        """
        email = normal_email(wanted.email)
        async with self._uows.app(tenant_id) as uow:
            account = await self._own(uow, user_id)
        if email != account.email:
            await self._check_own(tenant_id, account, wanted.password)
        async with self._uows.app(tenant_id) as uow:
            queries = PasswordQueries(uow)
            await self._own(uow, user_id)
            if await queries.is_taken(email, user_id):
                raise EmailTaken(
                    "a member of this brand has this e-mail address already",
                    message_zh="该邮箱已是本品牌的成员",
                )
            await queries.set_name_and_email(user_id, wanted.name.strip() or email, email)

    async def change_password(
        self, tenant_id: TenantId, user_id: int, wanted: PasswordChange, *, session: str
    ) -> None:
        """Set one's password; every other session of the account ends.

        Raises:
            PersonOnly, UnfitPassword, TooManyAttempts
            WrongPassword: ``old`` is not the present one.
        """
        async with self._uows.app(tenant_id) as uow:
            account = await self._own(uow, user_id)
        await self._check_own(tenant_id, account, wanted.old)
        await check_password(wanted.new, email=account.email or "", name=account.name)
        phc = await self._hasher.hash(wanted.new)
        async with self._uows.app(tenant_id) as uow:
            queries = PasswordQueries(uow)
            if (await self._own(uow, user_id)).password_phc != account.password_phc:
                raise _wrong_own()  # Somebody else changed it meanwhile.
            await queries.set_password(user_id, phc)
            await queries.end_sessions_but(user_id, tokens.digest_of(session))

    async def look_at_reset(self, code: str) -> ResetView:
        """Return whose password a link resets.

        Raises:
            InvalidLink
        """
        tenant_id = tokens.tenant_of(tokens.RESET, code)
        if tenant_id is None:
            raise _invalid()
        async with self._uows.app(tenant_id) as uow:
            row = await MemberQueries(uow).find_link("reset", tokens.digest_of(code))
            if row is None:
                raise _invalid()
            brand = await self._tenants.get_brand(uow)
        return ResetView(brand=brand.name, email=row.email)

    async def reset(self, wanted: PasswordReset) -> None:
        """Spend a link: the password is new, every session of the account ends, and signing in starts afresh.

        Raises:
            InvalidLink, UnfitPassword
        """
        view = await self.look_at_reset(wanted.code)
        await check_password(wanted.password, email=view.email, name="")
        phc = await self._hasher.hash(wanted.password)
        tenant_id = tokens.tenant_of(tokens.RESET, wanted.code)
        assert tenant_id is not None
        async with self._uows.app(tenant_id) as uow:
            queries = PasswordQueries(uow)
            user_id = await MemberQueries(uow).spend_link("reset", tokens.digest_of(wanted.code))
            if user_id is None or await queries.lock_account(user_id) is None:
                raise _invalid()
            await queries.set_password(user_id, phc)
            await queries.end_sessions_but(user_id, b"")
        await self._pace.forget(pace.account(view.email))

    async def _right_accounts(self, email: str, wanted: SignIn) -> Sequence[Any]:
        """Return the accounts the password is right for; as slow for an address nobody has."""
        async with self._uows.system(NO_TENANT) as uow:
            known = await PasswordQueries(uow).accounts_of(email)
        asked = [one for one in known if wanted.brand in (None, one.key)]
        if not asked:
            await self._hasher.matches(wanted.password, None)
        found = await asyncio.gather(
            *(self._hasher.matches(wanted.password, one.password_phc) for one in asked)
        )
        return [one for one, is_right in zip(asked, found, strict=True) if is_right]

    async def _open(self, account: Any, password: str, device: Device) -> str:
        """Open a session, if the account still is what was looked at; renew a dated hash."""
        renewed = await self._hasher.hash(password) if is_dated(account.password_phc) else None
        async with self._uows.app(TenantId(account.tenant_id)) as uow:
            queries = PasswordQueries(uow)
            now = await queries.lock_account(account.id)
            if now is None or now.password_phc != account.password_phc:
                raise _wrong()
            if renewed is not None:
                await queries.set_password(account.id, renewed)
            return await self._tenants.open_session(uow, account.id, device, way=SignInWay.PASSWORD)

    async def _check_own(self, tenant_id: TenantId, account: Any, password: str | None) -> None:
        if account.password_phc is None:
            return
        counted = pace.account(f"{tenant_id}:{account.id}")
        await self._pace.count((counted,))
        if not await self._hasher.matches(password or "", account.password_phc):
            raise _wrong_own()
        await self._pace.forget(counted)

    async def _own(self, uow: UnitOfWork, user_id: int) -> Any:
        account = await PasswordQueries(uow).lock_account(user_id)
        if account is None:
            raise PersonOnly(
                "this is about the account of somebody signed in to the console",
                message_zh="此功能仅供登录控制台的成员管理自己的账号",
            )
        return account


def _wrong() -> WrongCredentials:
    return WrongCredentials("e-mail address or password is wrong", message_zh="邮箱或密码不正确")


def _wrong_own() -> WrongPassword:
    return WrongPassword("this is not your present password", message_zh="当前密码不正确")


def _invalid() -> InvalidLink:
    return InvalidLink(
        "this link was used or replaced, or has expired; ask for a new one",
        message_zh="该链接已使用、已更换或已过期，请索取新的链接",
    )
