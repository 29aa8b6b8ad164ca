"""Brands, sign-in by one-time links, sessions and write keys."""

from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.auditing import Deed
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId, new_id
from quanyu.kernel.permissions import ALL, Role
from quanyu.modules.tenants import tokens
from quanyu.modules.tenants.access.rules import permissions_of
from quanyu.modules.tenants.audit.queries import AuditQueries
from quanyu.modules.tenants.contracts import (
    NO_TENANT,
    Brand,
    Device,
    SignInWay,
    User,
    WriteKey,
    WriteKeyOwner,
)
from quanyu.modules.tenants.errors import InvalidLoginCode, UnknownBrand

LOGIN_CODE_LIFE: Final = timedelta(hours=24)
SESSION_LIFE: Final = timedelta(days=30)
_SEEN_EVERY: Final = timedelta(minutes=5)  # A session that is used is not written at every request.
_SIGN_IN_PATHS: Final = {
    SignInWay.LINK: "/login",
    SignInWay.PASSWORD: "/api/v1/sign-in",
    SignInWay.INVITATION: "/api/v1/join",
}
_KEY_CACHE_S: Final = 30.0
_BRAND: Final = "SELECT tenant_id, key, name, time_zone, currency, is_demo FROM brand"


class Tenants:
    """The brands of this deployment."""

    async def list_brands(self, uows: UnitOfWorkFactory) -> tuple[Brand, ...]:
        """Return every brand, oldest first."""
        async with uows.system(NO_TENANT) as uow:
            rows = await uow.execute(f"{_BRAND} ORDER BY tenant_id")
            return tuple(Brand(*row) for row in rows)

    async def list_ids(self, uows: UnitOfWorkFactory) -> list[TenantId]:
        """Return every brand's id."""
        return [brand.tenant_id for brand in await self.list_brands(uows)]

    async def ensure_brand(self, uows: UnitOfWorkFactory, brand: Brand) -> Brand:
        """Make the brand if none has its key (``tenant_id`` is ours to choose); return the one that has."""
        async with uows.system(NO_TENANT) as uow:
            await uow.execute(
                """
                INSERT INTO brand (tenant_id, key, name, time_zone, currency, is_demo, created_at)
                SELECT coalesce(max(tenant_id), 0) + 1, :key, :name, :time_zone, :currency, :is_demo, :now
                FROM brand
                ON CONFLICT (key) DO NOTHING
                """,
                {
                    "key": brand.key,
                    "name": brand.name,
                    "time_zone": brand.time_zone,
                    "currency": brand.currency,
                    "is_demo": brand.is_demo,
                    "now": uow.clock.now(),
                },
            )
        return await self.brand_by_key(uows, brand.key)

    async def brand_by_key(self, uows: UnitOfWorkFactory, key: str) -> Brand:
        """Return the brand with this key.

        Raises:
            UnknownBrand: there is none.
        """
        async with uows.system(NO_TENANT) as uow:
            row = (await uow.execute(f"{_BRAND} WHERE key = :key", {"key": key})).first()
        if row is None:
            raise UnknownBrand(f"no brand has the key {key!r}", message_zh=f"没有标识为 {key!r} 的品牌")
        return Brand(*row)

    async def get_brand(self, uow: UnitOfWork) -> Brand:
        """Return the brand of this unit of work."""
        row = (await uow.execute(f"{_BRAND} WHERE tenant_id = :tenant", {"tenant": uow.tenant_id})).first()
        if row is None:
            raise UnknownBrand(f"no brand {uow.tenant_id}")
        return Brand(*row)

    async def ensure_user(self, uow: UnitOfWork, name: str) -> User:
        """Return the owner the machine itself signs in as under that name, made if missing.

        An account that lost its rights in the console gets them back: the machine is theirs. Members who
        merely chose the same name are others.
        """
        restored = await uow.execute(
            "UPDATE user_account SET role = :role, state = 'active' "
            "WHERE tenant_id = :tenant AND machine_name = :name RETURNING id, name",
            {"tenant": uow.tenant_id, "name": name, "role": Role.OWNER},
        )
        row = restored.first()
        user = User(uow.tenant_id, row.id if row else new_id(), row.name if row else name, Role.OWNER, ALL)
        if row is None:
            await uow.execute(
                "INSERT INTO user_account (tenant_id, id, name, machine_name, role, created_at) "
                "VALUES (:tenant, :id, :name, :name, :role, :now)",
                {
                    "tenant": uow.tenant_id,
                    "id": user.user_id,
                    "name": name,
                    "role": user.role,
                    "now": uow.clock.now(),
                },
            )
        return user

    async def make_login_code(self, uow: UnitOfWork, user: User) -> str:
        """Return a secret that signs ``user`` in once, within ``LOGIN_CODE_LIFE``."""
        code = tokens.make_token(tokens.LOGIN, uow.tenant_id)
        await uow.execute(
            "INSERT INTO login_code (tenant_id, digest, user_id, expires_at) "
            "VALUES (:tenant, :digest, :user, :expires)",
            {
                "tenant": uow.tenant_id,
                "digest": tokens.digest_of(code),
                "user": user.user_id,
                "expires": uow.clock.now() + LOGIN_CODE_LIFE,
            },
        )
        return code

    async def login(self, uows: UnitOfWorkFactory, code: str, device: Device | None = None) -> str:
        """Spend a login code and return a session token.

        Raises:
            InvalidLoginCode: the code was spent, has expired, or is none.
        """
        tenant_id = tokens.tenant_of(tokens.LOGIN, code)
        if tenant_id is None:
            raise _invalid_code()
        async with uows.app(tenant_id) as uow:
            now = uow.clock.now()
            spent = await uow.execute(
                "UPDATE login_code SET used_at = :now WHERE tenant_id = :tenant AND digest = :digest "
                "AND used_at IS NULL AND expires_at > :now AND user_id IN (SELECT id FROM user_account "
                "WHERE tenant_id = :tenant AND state <> 'disabled') RETURNING user_id",
                {"tenant": tenant_id, "digest": tokens.digest_of(code), "now": now},
            )
            row = spent.first()
            if row is None:
                raise _invalid_code()
            return await self.open_session(uow, row.user_id, device or Device(), way=SignInWay.LINK)

    async def open_session(self, uow: UnitOfWork, user_id: int, device: Device, *, way: SignInWay) -> str:
        """Sign a member in, whose right to it was checked; note it, and return the session token."""
        now = uow.clock.now()
        token = tokens.make_token(tokens.SESSION, uow.tenant_id)
        await uow.execute(
            "INSERT INTO login_session (tenant_id, digest, user_id, created_at, expires_at, user_agent, "
            "address, last_seen_at) VALUES (:tenant, :digest, :user, :now, :expires, :agent, :address, :now)",
            {
                "tenant": uow.tenant_id,
                "digest": tokens.digest_of(token),
                "user": user_id,
                "now": now,
                "expires": now + SESSION_LIFE,
                "agent": device.user_agent,
                "address": device.address,
            },
        )
        await self._note_seen(uow, tokens.digest_of(token), now)
        await self._note_sign_in(uow, user_id, device, way)
        return token

    async def _note_sign_in(self, uow: UnitOfWork, user_id: int, device: Device, way: SignInWay) -> None:
        found = await uow.execute(
            "SELECT name, role FROM user_account WHERE tenant_id = :tenant AND id = :user",
            {"tenant": uow.tenant_id, "user": user_id},
        )
        member = found.one()
        await AuditQueries(uow).add(
            Deed(
                at=uow.clock.now(),
                user_id=user_id,
                actor=member.name,
                role=member.role,
                address=device.address,
                method="POST",
                path=_SIGN_IN_PATHS[way],
                action="sign_in",
                said={"way": way.value, "user_agent": device.user_agent},
            )
        )

    async def find_user_of_session(self, uows: UnitOfWorkFactory, token: str) -> User | None:
        """Return who a session token belongs to, or ``None`` if it is not valid."""
        tenant_id = tokens.tenant_of(tokens.SESSION, token)
        if tenant_id is None:
            return None
        async with uows.app(tenant_id) as uow:
            now, digest = uow.clock.now(), tokens.digest_of(token)
            found = await uow.execute(
                "SELECT u.id, u.name, u.role, r.permissions, s.last_seen_at "
                "FROM login_session s JOIN user_account u "
                "ON u.tenant_id = s.tenant_id AND u.id = s.user_id "
                "LEFT JOIN custom_role r ON r.tenant_id = u.tenant_id AND r.key = u.role "
                "WHERE s.tenant_id = :tenant AND s.digest = :digest AND s.expires_at > :now "
                "AND u.state = 'active'",
                {"tenant": tenant_id, "digest": digest, "now": now},
            )
            row = found.first()
            if row is None:
                return None
            if row.last_seen_at is None or now - row.last_seen_at >= _SEEN_EVERY:
                await self._note_seen(uow, digest, now)
        permissions = permissions_of(row.role, row.permissions)
        return User(tenant_id, row.id, row.name, row.role, permissions)

    async def find_role_name(self, uow: UnitOfWork, role: str) -> str | None:
        """Return the name of a role of the brand's own."""
        found = await uow.execute(
            "SELECT name FROM custom_role WHERE tenant_id = :tenant AND key = :role",
            {"tenant": uow.tenant_id, "role": role},
        )
        name: str | None = found.scalar()
        return name

    async def _note_seen(self, uow: UnitOfWork, digest: bytes, now: datetime) -> None:
        await uow.execute(
            "WITH seen AS (UPDATE login_session SET last_seen_at = :now "
            "WHERE tenant_id = :tenant AND digest = :digest RETURNING user_id) "
            "UPDATE user_account SET last_seen_at = :now WHERE tenant_id = :tenant "
            "AND id = (SELECT user_id FROM seen)",
            {"tenant": uow.tenant_id, "digest": digest, "now": now},
        )

    async def logout(self, uow: UnitOfWork, token: str) -> None:
        """End a session; idempotent."""
        await uow.execute(
            "DELETE FROM login_session WHERE tenant_id = :tenant AND digest = :digest",
            {"tenant": uow.tenant_id, "digest": tokens.digest_of(token)},
        )

    async def make_write_key(self, uow: UnitOfWork, *, name: str, source: str) -> str:
        """Make a write key for ``source`` and return the secret, which cannot be shown again."""
        secret = tokens.make_token(tokens.WRITE_KEY, uow.tenant_id)
        await uow.execute(
            "INSERT INTO write_key (tenant_id, id, digest, name, source, hint, created_at) "
            "VALUES (:tenant, :id, :digest, :name, :source, :hint, :now)",
            {
                "tenant": uow.tenant_id,
                "id": new_id(),
                "digest": tokens.digest_of(secret),
                "name": name,
                "source": source,
                "hint": f"{secret[:6]}…{secret[-4:]}",
                "now": uow.clock.now(),
            },
        )
        return secret

    async def list_write_keys(self, uow: UnitOfWork) -> tuple[WriteKey, ...]:
        """Return the brand's valid write keys, without their secrets."""
        rows = await uow.execute(
            "SELECT id, name, source, hint, created_at FROM write_key "
            "WHERE tenant_id = :tenant AND revoked_at IS NULL ORDER BY id LIMIT 200",
            {"tenant": uow.tenant_id},
        )
        return tuple(WriteKey(*row) for row in rows)


class WriteKeys:
    """Looks write keys up for the tracking door, remembering each answer for half a minute."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._known: dict[str, tuple[float, WriteKeyOwner | None]] = {}

    async def find_owner(self, secret: str, *, monotonic_s: float) -> WriteKeyOwner | None:
        """Return whose key ``secret`` is, or ``None`` if it is unknown or revoked."""
        known = self._known.get(secret)
        if known is not None and monotonic_s - known[0] < _KEY_CACHE_S:
            return known[1]
        if tokens.tenant_of(tokens.WRITE_KEY, secret) is None:
            return None  # Not remembered: it may be as long as a request.
        owner = await self._load(secret)
        if len(self._known) > 10_000:  # Only wrong guesses could ever fill it.
            self._known.clear()
        self._known[secret] = (monotonic_s, owner)
        return owner

    async def _load(self, secret: str) -> WriteKeyOwner | None:
        tenant_id = tokens.tenant_of(tokens.WRITE_KEY, secret)
        if tenant_id is None:
            return None
        async with self._uows.app(tenant_id) as uow:
            found = await uow.execute(
                "SELECT source FROM write_key "
                "WHERE tenant_id = :tenant AND digest = :digest AND revoked_at IS NULL",
                {"tenant": tenant_id, "digest": tokens.digest_of(secret)},
            )
            row = found.first()
        return WriteKeyOwner(tenant_id, row.source) if row else None


def _invalid_code() -> InvalidLoginCode:
    return InvalidLoginCode(
        "this login link was used or has expired; run `quanyu login` for a new one",
        message_zh="该登录链接已使用或已过期，请运行 `quanyu login` 获取新链接",
    )
