"""Every statement on ``menu`` and ``menu_publication``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.menus.contracts import (
    MenuDraft,
    MenuId,
    PublicationAction,
    PublicationState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMenu:
    """A row of ``menu``. ``platform_id`` is the platform's of a published conditional menu."""

    menu_id: MenuId
    account_id: AccountId
    draft: MenuDraft
    platform_id: str
    published: MenuDraft | None
    published_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPublication:
    """A row of ``menu_publication``."""

    publication_id: int
    menu_id: MenuId
    action: PublicationAction
    state: PublicationState
    reason: str
    reason_zh: str
    draft: MenuDraft
    actor: str
    at: datetime


class MenuQueries:
    """Menus and what was published of them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_menus(self, account_id: AccountId) -> tuple[KeptMenu, ...]:
        """Return the default menu, then the conditional ones, the last published first."""
        rows = await self._uow.execute(
            "SELECT * FROM menu WHERE tenant_id = :tenant AND account_id = :account "
            "ORDER BY is_default DESC, published_at DESC NULLS LAST, id LIMIT 200",
            {"tenant": self._uow.tenant_id, "account": account_id},
        )
        return tuple(_menu(row) for row in rows)

    async def find(self, account_id: AccountId, menu_id: MenuId) -> KeptMenu | None:
        rows = await self._uow.execute(
            "SELECT * FROM menu WHERE tenant_id = :tenant AND account_id = :account AND id = :id",
            {"tenant": self._uow.tenant_id, "account": account_id, "id": menu_id},
        )
        row = rows.first()
        return None if row is None else _menu(row)

    async def find_default(self, account_id: AccountId) -> KeptMenu | None:
        rows = await self._uow.execute(
            "SELECT * FROM menu WHERE tenant_id = :tenant AND account_id = :account AND is_default",
            {"tenant": self._uow.tenant_id, "account": account_id},
        )
        row = rows.first()
        return None if row is None else _menu(row)

    async def save(self, account_id: AccountId, menu_id: MenuId, draft: MenuDraft) -> bool:
        """Insert or change a draft; return false if it would be a second default menu."""
        done = await self._uow.execute(
            "INSERT INTO menu AS m (tenant_id, id, account_id, is_default, draft, updated_at) "
            "SELECT :tenant, :id, :account, :default, CAST(:draft AS jsonb), :now "
            "WHERE NOT :default OR NOT EXISTS (SELECT FROM menu o WHERE o.tenant_id = :tenant "
            "AND o.account_id = :account AND o.is_default AND o.id <> :id) "
            "ON CONFLICT (tenant_id, id) DO UPDATE SET draft = excluded.draft, "
            "updated_at = excluded.updated_at WHERE m.is_default = excluded.is_default",
            {
                "tenant": self._uow.tenant_id,
                "id": menu_id,
                "account": account_id,
                "default": draft.match is None,
                "draft": draft.model_dump_json(),
                "now": self._uow.clock.now(),
            },
        )
        return done.rowcount == 1

    async def delete(self, menu: KeptMenu) -> None:
        await self._uow.execute(
            "DELETE FROM menu WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": menu.menu_id},
        )

    async def published(self, menu: KeptMenu, draft: MenuDraft, platform_id: str) -> None:
        await self._uow.execute(
            "UPDATE menu SET published = CAST(:draft AS jsonb), platform_id = :platform, published_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            {
                "tenant": self._uow.tenant_id,
                "id": menu.menu_id,
                "draft": draft.model_dump_json(),
                "platform": platform_id,
                "now": self._uow.clock.now(),
            },
        )

    async def withdrawn(self, menu: KeptMenu) -> None:
        """Write that a menu is no longer shown; with the default one go all conditional ones."""
        everything = menu.draft.match is None
        await self._uow.execute(
            "UPDATE menu SET published = NULL, platform_id = '', published_at = NULL "
            "WHERE tenant_id = :tenant AND account_id = :account AND (:everything OR id = :id)",
            {
                "tenant": self._uow.tenant_id,
                "account": menu.account_id,
                "everything": everything,
                "id": menu.menu_id,
            },
        )

    async def begin(self, publication_id: int, menu: KeptMenu, action: PublicationAction, actor: str) -> None:
        await self._uow.execute(
            "INSERT INTO menu_publication (tenant_id, id, account_id, menu_id, action, state, draft, "
            "actor, at) VALUES (:tenant, :id, :account, :menu, :action, 'asking', CAST(:draft AS jsonb), "
            ":actor, :now)",
            {
                "tenant": self._uow.tenant_id,
                "id": publication_id,
                "account": menu.account_id,
                "menu": menu.menu_id,
                "action": action,
                "draft": menu.draft.model_dump_json(),
                "actor": actor,
                "now": self._uow.clock.now(),
            },
        )

    async def end(
        self, publication_id: int, state: PublicationState, *, reason: str = "", reason_zh: str = ""
    ) -> None:
        await self._uow.execute(
            "UPDATE menu_publication SET state = :state, reason = :reason, reason_zh = :reason_zh "
            "WHERE tenant_id = :tenant AND id = :id",
            {
                "tenant": self._uow.tenant_id,
                "id": publication_id,
                "state": state,
                "reason": reason,
                "reason_zh": reason_zh,
            },
        )

    async def list_publications(self, account_id: AccountId, *, limit: int) -> tuple[KeptPublication, ...]:
        """Return what was published and withdrawn, newest first."""
        rows = await self._uow.execute(
            "SELECT * FROM menu_publication WHERE tenant_id = :tenant AND account_id = :account "
            "ORDER BY id DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "account": account_id, "limit": limit},
        )
        return tuple(
            KeptPublication(
                publication_id=row.id,
                menu_id=MenuId(row.menu_id),
                action=PublicationAction(row.action),
                state=PublicationState(row.state),
                reason=row.reason,
                reason_zh=row.reason_zh,
                draft=MenuDraft.model_validate(row.draft),
                actor=row.actor,
                at=row.at,
            )
            for row in rows
        )

    async def openid_of(self, account_id: AccountId, person_id: int) -> bytes | None:
        """Return a person's sealed openid in this account."""
        rows = await self._uow.execute(
            "SELECT openid_sealed FROM follower WHERE tenant_id = :tenant AND account_id = :account "
            "AND person_id = :person AND openid_sealed IS NOT NULL "
            "ORDER BY coalesce(subscribed, false) DESC LIMIT 1",
            {"tenant": self._uow.tenant_id, "account": account_id, "person": person_id},
        )
        row = rows.first()
        return None if row is None else bytes(row.openid_sealed)


def _menu(row: Any) -> KeptMenu:
    return KeptMenu(
        menu_id=MenuId(row.id),
        account_id=AccountId(row.account_id),
        draft=MenuDraft.model_validate(row.draft),
        platform_id=row.platform_id,
        published=None if row.published is None else MenuDraft.model_validate(row.published),
        published_at=row.published_at,
        updated_at=row.updated_at,
    )
