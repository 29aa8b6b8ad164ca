"""The customer groups one person joined, for their page."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import decode_id, encode_id

STAYS_MAX: Final = 100

_STAYS: Final = """
SELECT g.id, g.name, g.state, m.joined_at, m.join_scene, m.left_at, m.leave_scene
FROM group_member m JOIN customer_group g ON g.tenant_id = :tenant AND g.id = m.group_id
WHERE m.tenant_id = :tenant AND m.person_id = :person
ORDER BY (m.left_at IS NULL) DESC, m.joined_at DESC, g.id
LIMIT :most
"""


class GroupStay(BaseModel):
    """One stay in a group; no ``left_at`` means they are in it."""

    model_config = ConfigDict(frozen=True)

    group_id: str
    name: str
    is_dismissed: bool
    joined_at: datetime
    join_scene: int
    left_at: datetime | None
    leave_scene: int | None


class GroupStays(BaseModel):
    """Present stays first, then the latest."""

    model_config = ConfigDict(frozen=True)

    items: tuple[GroupStay, ...]


async def stays_of(uow: UnitOfWork, person_id: int) -> GroupStays:
    """Return a person's stays in groups, at most ``STAYS_MAX``."""
    found = await uow.execute(_STAYS, {"tenant": uow.tenant_id, "person": person_id, "most": STAYS_MAX})
    return GroupStays(
        items=tuple(
            GroupStay(
                group_id=encode_id("grp", row.id),
                name=row.name,
                is_dismissed=row.state == "dismissed",
                joined_at=row.joined_at,
                join_scene=row.join_scene,
                left_at=row.left_at,
                leave_scene=row.leave_scene,
            )
            for row in found
        )
    )


def router() -> APIRouter:
    """Build the route of the person page."""
    routes = APIRouter(prefix="/api/v1/people", tags=["customer groups"], dependencies=[permits.PEOPLE])

    @routes.get("/{person}/groups")
    async def groups_of_person(uow: RequestUow, person: str) -> GroupStays:
        """List the customer groups one person is in or was in."""
        number = decode_id("per", person)
        return await stays_of(uow, number) if number < 2**31 else GroupStays(items=())

    return routes
