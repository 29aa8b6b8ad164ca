"""Members of a brand: who they are, and what becomes of them."""

from datetime import timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import encode_id
from quanyu.kernel.permissions import ROLES, Role
from quanyu.modules.tenants import tokens
from quanyu.modules.tenants.access.errors import (
    EmailTaken,
    InvalidLink,
    LimitReached,
    UnfitMember,
    UnknownMember,
    UnknownRole,
)
from quanyu.modules.tenants.access.members import rules
from quanyu.modules.tenants.access.members.contracts import (
    AccountState,
    Joining,
    JoinView,
    Member,
    MemberInvitation,
    MemberLink,
    Standing,
)
from quanyu.modules.tenants.access.members.queries import MemberQueries, StoredMember
from quanyu.modules.tenants.access.members.rules import Actor
from quanyu.modules.tenants.access.passwords.hashing import Hasher
from quanyu.modules.tenants.access.passwords.rules import check_password
from quanyu.modules.tenants.access.rules import permissions_of
from quanyu.modules.tenants.contracts import Device, SignInWay
from quanyu.modules.tenants.service import Tenants

MEMBERS_MAX: Final = 500
INVITATION_LIFE: Final = timedelta(days=7)
RESET_LIFE: Final = timedelta(hours=24)


class Members:
    """Invite, change, disable and remove members. Every change counts from the next request."""

    def __init__(self, uows: UnitOfWorkFactory, tenants: Tenants, hasher: Hasher, *, public_url: str) -> None:
        self._uows = uows
        self._tenants = tenants
        self._hasher = hasher
        self._public_url = public_url

    async def list_members(self, uow: UnitOfWork, actor: Actor) -> tuple[Member, ...]:
        """Return the brand's members, oldest first."""
        return tuple(_view(one, actor) for one in await MemberQueries(uow).list_all(MEMBERS_MAX))

    async def invite(self, uow: UnitOfWork, actor: Actor, wanted: MemberInvitation) -> MemberLink:
        """Add a member who joins by the link returned.

        Raises:
            InvalidEmail, OutOfReach, UnknownRole
            EmailTaken: the brand has a member with this address.
            LimitReached
        """
        email = rules.normal_email(wanted.email)
        queries = MemberQueries(uow)
        await self._check_gift(queries, actor, wanted.role)
        if await queries.count() >= MEMBERS_MAX:
            raise LimitReached(
                f"a brand has at most {MEMBERS_MAX} members", message_zh=f"每个品牌最多 {MEMBERS_MAX} 名成员"
            )
        user_id = await queries.add_invited(email, wanted.role)
        if user_id is None:
            raise EmailTaken(
                "a member of this brand has this e-mail address already", message_zh="该邮箱已是本品牌的成员"
            )
        return await self._make_invitation(uow, user_id)

    async def invite_again(self, uow: UnitOfWork, actor: Actor, user_id: int) -> MemberLink:
        """Replace the invitation of somebody who has not joined: the old link stops working.

        Raises:
            UnknownMember, OutOfReach
            UnfitMember: they have joined.
        """
        target, _ = await self._reach(MemberQueries(uow), actor, user_id)
        if target.state is not AccountState.INVITED:
            raise UnfitMember("this member has joined already", message_zh="该成员已经加入，无需再次邀请")
        return await self._make_invitation(uow, user_id)

    async def change_role(self, uow: UnitOfWork, actor: Actor, user_id: int, role: str) -> None:
        """Give a member another role.

        Raises:
            UnknownMember, UnknownRole, OutOfReach, LastOwner
        """
        queries = MemberQueries(uow)
        target, owners = await self._reach(queries, actor, user_id)
        await self._check_gift(queries, actor, role)
        if role != Role.OWNER:
            rules.check_owner_stays(target, owners)
        await queries.set_role(user_id, role)

    async def disable(self, uow: UnitOfWork, actor: Actor, user_id: int) -> None:
        """Keep a member out: their sessions and links end at once. Idempotent.

        Raises:
            UnknownMember, OutOfReach, LastOwner
            UnfitMember: they have not joined, or it is oneself.
        """
        queries = MemberQueries(uow)
        target, owners = await self._reach(queries, actor, user_id)
        rules.check_not_self(actor, target)
        rules.check_owner_stays(target, owners)
        if target.state is AccountState.INVITED:
            raise UnfitMember(
                "this member has not joined; revoke the invitation instead",
                message_zh="该成员尚未加入，请改为撤回邀请",
            )
        await queries.set_state(user_id, AccountState.DISABLED)
        await queries.end_access(user_id)

    async def enable(self, uow: UnitOfWork, actor: Actor, user_id: int) -> None:
        """Let a disabled member in again. Idempotent.

        Raises:
            UnknownMember, OutOfReach
        """
        queries = MemberQueries(uow)
        target, _ = await self._reach(queries, actor, user_id)
        if target.state is AccountState.DISABLED:
            await queries.set_state(user_id, AccountState.ACTIVE)

    async def remove(self, uow: UnitOfWork, actor: Actor, user_id: int) -> None:
        """Remove a member, or revoke an invitation. What they did stays in the log under their name.

        Raises:
            UnknownMember, OutOfReach, LastOwner
            UnfitMember: it is oneself.
        """
        queries = MemberQueries(uow)
        target, owners = await self._reach(queries, actor, user_id)
        rules.check_not_self(actor, target)
        rules.check_owner_stays(target, owners)
        await queries.end_access(user_id)
        await queries.remove(user_id)

    async def make_reset_link(self, uow: UnitOfWork, actor: Actor, user_id: int) -> MemberLink:
        """Return a link by which a member sets a new password; one made earlier stops working.

        Raises:
            UnknownMember, OutOfReach
            UnfitMember: they have no e-mail address to sign in with, or are not active.
        """
        target, _ = await self._reach(queries := MemberQueries(uow), actor, user_id)
        if target.state is not AccountState.ACTIVE or not await queries.has_email(user_id):
            raise UnfitMember(
                "only active members with an e-mail address have a password to reset",
                message_zh="只有状态正常且有邮箱的成员才能重设密码",
            )
        code = tokens.make_token(tokens.RESET, uow.tenant_id)
        expires_at = uow.clock.now() + RESET_LIFE
        await queries.put_link(user_id, "reset", tokens.digest_of(code), expires_at)
        url = f"{self._public_url}/reset?code={code}"
        return MemberLink(member=encode_id("usr", user_id), url=url, expires_at=expires_at)

    async def find_id(self, uow: UnitOfWork, email: str) -> int:
        """Return the id of the member with an e-mail address.

        Raises:
            UnknownMember
        """
        user_id = await MemberQueries(uow).find_by_email(email.strip().lower())
        if user_id is None:
            raise UnknownMember(
                "this brand has no member with this e-mail address", message_zh="本品牌没有使用该邮箱的成员"
            )
        return user_id

    async def look_at_invitation(self, code: str) -> JoinView:
        """Return what an invitation is to.

        Raises:
            InvalidLink
        """
        tenant_id = tokens.tenant_of(tokens.INVITATION, code)
        if tenant_id is None:
            raise _invalid()
        async with self._uows.app(tenant_id) as uow:
            row = await MemberQueries(uow).find_link("join", tokens.digest_of(code))
            if row is None:
                raise _invalid()
            brand = await self._tenants.get_brand(uow)
        return JoinView(brand=brand.name, email=row.email, role=row.role, role_name=row.role_name)

    async def join(self, joining: Joining, device: Device) -> str:
        """Spend an invitation: name and password are theirs from now on; return a session token.

        Raises:
            InvalidLink, UnfitPassword
        """
        invited = await self.look_at_invitation(joining.code)
        name = joining.name.strip()
        await check_password(joining.password, email=invited.email, name=name)
        phc = await self._hasher.hash(joining.password)
        tenant_id = tokens.tenant_of(tokens.INVITATION, joining.code)
        assert tenant_id is not None
        async with self._uows.app(tenant_id) as uow:
            queries = MemberQueries(uow)
            user_id = await queries.spend_link("join", tokens.digest_of(joining.code))
            if user_id is None or not await queries.join(user_id, name or invited.email, phc):
                raise _invalid()
            return await self._tenants.open_session(uow, user_id, device, way=SignInWay.INVITATION)

    async def _make_invitation(self, uow: UnitOfWork, user_id: int) -> MemberLink:
        code = tokens.make_token(tokens.INVITATION, uow.tenant_id)
        expires_at = uow.clock.now() + INVITATION_LIFE
        await MemberQueries(uow).put_link(user_id, "join", tokens.digest_of(code), expires_at)
        return MemberLink(
            member=encode_id("usr", user_id),
            url=f"{self._public_url}/join?code={code}",
            expires_at=expires_at,
        )

    async def _reach(
        self, queries: MemberQueries, actor: Actor, user_id: int
    ) -> tuple[Standing, tuple[int, ...]]:
        target, owners = await queries.lock_with_owners(user_id)
        if target is None:
            raise UnknownMember("this brand has no such member", message_zh="本品牌没有该成员")
        rules.check_reach(actor, target)
        return target, tuple(owners)

    async def _check_gift(self, queries: MemberQueries, actor: Actor, role: str) -> None:
        if role in set(Role):
            rules.check_gift(actor, role, ROLES[Role(role)])
            return
        permissions = await queries.lock_role(role)
        if permissions is None:
            raise UnknownRole("this brand has no such role", message_zh="本品牌没有该角色")
        rules.check_gift(actor, role, permissions_of(role, permissions))


def _view(one: StoredMember, actor: Actor) -> Member:
    return Member(
        id=encode_id("usr", one.standing.user_id),
        name=one.name,
        email=one.email,
        role=one.standing.role,
        role_name=one.role_name,
        state=one.standing.state,
        created_at=one.created_at,
        last_seen_at=one.last_seen_at,
        invited_until=one.invited_until,
        is_changeable=rules.may_act_on(actor, one.standing),
    )


def _invalid() -> InvalidLink:
    return InvalidLink(
        "this invitation was used, revoked or replaced, or has expired; ask for a new one",
        message_zh="该邀请已使用、已撤回、已更换或已过期，请向邀请人索取新的链接",
    )
