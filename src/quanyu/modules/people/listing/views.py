"""Lists that are kept under a name."""

from typing import Any

from sqlalchemy import RowMapping

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.people.listing.contracts import (
    VIEW_PREFIX,
    VIEWS_MAX,
    SaveView,
    ViewOfPeople,
    ViewsOfPeople,
)
from quanyu.modules.people.listing.errors import TooManyViews, ViewNameTaken, ViewNotFound
from quanyu.modules.people.listing.service import check_order

_SELECT = "SELECT id, owner_id, name, shared, list, made_by, changed_at FROM people_view"
_VISIBLE = "tenant_id = :tenant AND (shared OR owner_id = :owner)"


class PeopleViews:
    """The use cases of views: everybody sees the shared ones, only who made a view changes it."""

    async def visible(self, uow: UnitOfWork, *, user_id: int) -> ViewsOfPeople:
        """Return the caller's views and the shared ones, by name."""
        found = await uow.execute(
            f"{_SELECT} WHERE {_VISIBLE} ORDER BY name, id LIMIT {VIEWS_MAX}", _of(uow, owner=user_id)
        )
        return ViewsOfPeople(items=tuple(_view(row, user_id) for row in found.mappings()))

    async def add(self, uow: UnitOfWork, command: SaveView, *, user_id: int, name: str) -> str:
        """Keep a list and return its id.

        Raises:
            OrderNotPossible, ViewNameTaken
            TooManyViews: the brand has ``VIEWS_MAX``.
        """
        check_order(command.order)
        await self._check_name(uow, command, user_id=user_id, except_id=0)
        count = await uow.execute("SELECT count(*) FROM people_view WHERE tenant_id = :tenant", _of(uow))
        if count.scalar_one() >= VIEWS_MAX:
            raise TooManyViews(
                f"a brand keeps at most {VIEWS_MAX} views", message_zh=f"最多 {VIEWS_MAX} 个视图"
            )
        view_id = new_id()
        await uow.execute(
            "INSERT INTO people_view (tenant_id, id, owner_id, name, shared, list, made_by, changed_at) "
            "VALUES (:tenant, :id, :owner, :name, :shared, CAST(:list AS jsonb), :made_by, :now)",
            _of(uow, owner=user_id, made_by=name, id=view_id, **_values(uow, command)),
        )
        return encode_id(VIEW_PREFIX, view_id)

    async def change(self, uow: UnitOfWork, view: str, command: SaveView, *, user_id: int) -> None:
        """Replace a view of the caller's own.

        Raises:
            OrderNotPossible, ViewNameTaken, ViewNotFound
        """
        check_order(command.order)
        number = decode_id(VIEW_PREFIX, view)
        await self._check_name(uow, command, user_id=user_id, except_id=number)
        changed = await uow.execute(
            "UPDATE people_view SET name = :name, shared = :shared, list = CAST(:list AS jsonb), "
            "changed_at = :now WHERE tenant_id = :tenant AND id = :id AND owner_id = :owner RETURNING id",
            _of(uow, owner=user_id, id=number, **_values(uow, command)),
        )
        if changed.first() is None:
            raise _not_found(view)

    async def drop(self, uow: UnitOfWork, view: str, *, user_id: int) -> None:
        """Forget a view of the caller's own.

        Raises:
            ViewNotFound: there is none, or it is somebody else's.
        """
        dropped = await uow.execute(
            "DELETE FROM people_view WHERE tenant_id = :tenant AND id = :id AND owner_id = :owner "
            "RETURNING id",
            _of(uow, owner=user_id, id=decode_id(VIEW_PREFIX, view)),
        )
        if dropped.first() is None:
            raise _not_found(view)

    async def _check_name(self, uow: UnitOfWork, command: SaveView, *, user_id: int, except_id: int) -> None:
        taken = await uow.execute(
            "SELECT 1 FROM people_view WHERE tenant_id = :tenant AND owner_id = :owner AND name = :name "
            "AND id <> :id",
            _of(uow, owner=user_id, name=command.name, id=except_id),
        )
        if taken.first() is not None:
            raise ViewNameTaken(
                f"you have a view called {command.name} already",
                message_zh=f"已有名为「{command.name}」的视图",
            )


def _of(uow: UnitOfWork, **values: Any) -> dict[str, Any]:
    return {"tenant": uow.tenant_id, **values}


def _values(uow: UnitOfWork, command: SaveView) -> dict[str, Any]:
    return {
        "name": command.name,
        "shared": command.shared,
        "list": command.model_dump_json(exclude={"name", "shared"}),
        "now": uow.clock.now(),
    }


def _view(row: RowMapping, user_id: int) -> ViewOfPeople:
    return ViewOfPeople(
        id=encode_id(VIEW_PREFIX, row["id"]),
        name=row["name"],
        shared=row["shared"],
        made_by=row["made_by"],
        is_own=row["owner_id"] == user_id,
        changed_at=row["changed_at"],
        **row["list"],
    )


def _not_found(view: str) -> ViewNotFound:
    return ViewNotFound(
        f"you have no view {view[:40]}", message_zh="没有这个视图，或它由他人创建，只有创建者可以修改"
    )
