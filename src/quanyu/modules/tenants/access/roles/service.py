"""Roles: those built in, read-only, and those a brand makes itself."""

from collections.abc import Sequence
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id, new_id
from quanyu.kernel.permissions import AREAS, ROLE_WORDS, ROLES, Permission, Role
from quanyu.modules.tenants.access.errors import LimitReached, OutOfReach, RoleInUse, RoleTaken, UnknownRole
from quanyu.modules.tenants.access.members.rules import Actor, check_gift
from quanyu.modules.tenants.access.roles.contracts import PermissionArea, RoleDraft, RoleView
from quanyu.modules.tenants.access.rules import permissions_of

ROLES_MAX: Final = 50
_BUILT_IN_NAMES: Final = frozenset(
    word.lower() for words in ROLE_WORDS.values() for word in (words.zh, words.en)
)


class Roles:
    """List, make, change and remove roles. A change counts from the next request of whoever has the role."""

    async def list_roles(self, uow: UnitOfWork, actor: Actor) -> tuple[RoleView, ...]:
        """Return roles built in, then the brand's own by name."""
        counts = {
            row.role: row.members
            for row in await _run(
                uow,
                "SELECT role, count(*) AS members FROM user_account WHERE tenant_id = :tenant GROUP BY role",
            )
        }
        own = await _run(
            uow,
            "SELECT key, name, permissions FROM custom_role WHERE tenant_id = :tenant "
            "ORDER BY name, key LIMIT :limit",
            limit=ROLES_MAX,
        )
        built_in = [(role.value, None, ROLES[role]) for role in Role]
        made = [(row.key, row.name, permissions_of(row.key, row.permissions)) for row in own]
        return tuple(
            RoleView(
                key=key,
                name=name,
                is_built_in=name is None,
                permissions=tuple(one for one in Permission if one in permissions),
                members=counts.get(key, 0),
                is_givable=_may_give(actor, key, permissions),
            )
            for key, name, permissions in (*built_in, *made)
        )

    async def create(self, uow: UnitOfWork, actor: Actor, draft: RoleDraft) -> str:
        """Make a role and return its key.

        Raises:
            OutOfReach: it allows more than the caller may do.
            RoleTaken, LimitReached
        """
        name, permissions = _checked(actor, draft)
        count = await _run(uow, "SELECT count(*) FROM custom_role WHERE tenant_id = :tenant")
        if count.scalar_one() >= ROLES_MAX:
            raise LimitReached(
                f"a brand has at most {ROLES_MAX} roles of its own",
                message_zh=f"每个品牌最多 {ROLES_MAX} 个自定义角色",
            )
        key = encode_id("rol", new_id())
        made = await _run(
            uow,
            "INSERT INTO custom_role (tenant_id, key, name, permissions, changed_at) "
            "VALUES (:tenant, :key, :name, :permissions, :now) "
            "ON CONFLICT (tenant_id, lower(name)) DO NOTHING RETURNING key",
            key=key,
            name=name,
            permissions=permissions,
            now=uow.clock.now(),
        )
        if made.first() is None:
            raise _taken()
        return key

    async def change(self, uow: UnitOfWork, actor: Actor, key: str, draft: RoleDraft) -> None:
        """Rename a role, or change what it allows.

        Raises:
            UnknownRole, RoleTaken
            OutOfReach: it allows, or would allow, more than the caller may do.
        """
        name, permissions = _checked(actor, draft)
        await self._lock(uow, actor, key)
        same = await _run(
            uow,
            "SELECT 1 FROM custom_role WHERE tenant_id = :tenant AND lower(name) = lower(:name) "
            "AND key <> :key",
            name=name,
            key=key,
        )
        if same.first() is not None:
            raise _taken()
        await _run(
            uow,
            "UPDATE custom_role SET name = :name, permissions = :permissions, changed_at = :now "
            "WHERE tenant_id = :tenant AND key = :key",
            key=key,
            name=name,
            permissions=permissions,
            now=uow.clock.now(),
        )

    async def remove(self, uow: UnitOfWork, actor: Actor, key: str) -> None:
        """Remove a role nobody has.

        Raises:
            UnknownRole, OutOfReach, RoleInUse
        """
        await self._lock(uow, actor, key)
        found = await _run(
            uow, "SELECT count(*) FROM user_account WHERE tenant_id = :tenant AND role = :key", key=key
        )
        members = int(found.scalar_one())
        if members:
            raise RoleInUse(
                f"{members} members have this role; give them another one first",
                message_zh=f"有 {members} 名成员正在使用该角色，请先为他们更换角色",
                members=members,
            )
        await _run(uow, "DELETE FROM custom_role WHERE tenant_id = :tenant AND key = :key", key=key)

    async def _lock(self, uow: UnitOfWork, actor: Actor, key: str) -> None:
        found = await _run(
            uow,
            "SELECT permissions FROM custom_role WHERE tenant_id = :tenant AND key = :key FOR UPDATE",
            key=key,
        )
        row = found.first()
        if row is None:
            raise UnknownRole(
                "this brand has no such role of its own; roles built in cannot be changed",
                message_zh="本品牌没有该自定义角色；内置角色不能修改",
            )
        check_gift(actor, key, permissions_of(key, row.permissions))


def catalogue() -> tuple[PermissionArea, ...]:
    """Return everything a role may allow, by area."""
    return tuple(
        PermissionArea(area=area, permissions=tuple(one for one in Permission if one.area == area))
        for area in AREAS
    )


def _checked(actor: Actor, draft: RoleDraft) -> tuple[str, Sequence[str]]:
    name = " ".join(draft.name.split())
    if not name or name.lower() in _BUILT_IN_NAMES:
        raise _taken()
    check_gift(actor, "", frozenset(draft.permissions))
    return name, sorted({one.value for one in draft.permissions})


def _may_give(actor: Actor, key: str, permissions: frozenset[Permission]) -> bool:
    try:
        check_gift(actor, key, permissions)
    except OutOfReach:
        return False
    return True


def _taken() -> RoleTaken:
    return RoleTaken("this name is taken by another role", message_zh="该名称已被其他角色使用")


async def _run(uow: UnitOfWork, sql: str, **params: Any) -> Any:
    return await uow.execute(sql, {"tenant": uow.tenant_id} | params)
