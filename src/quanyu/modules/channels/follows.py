"""The accounts one person follows or followed, for their page."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import decode_id, encode_id

FOLLOWS_MAX: Final = 100

_FOLLOWS: Final = """
SELECT a.id, a.name, f.subscribed, f.subscribed_at, f.changed_at, f.first_seen_at
FROM follower f JOIN official_account a ON a.tenant_id = :tenant AND a.id = f.account_id
WHERE f.tenant_id = :tenant AND f.person_id = :person
ORDER BY f.subscribed DESC NULLS LAST, f.first_seen_at DESC, a.id
LIMIT :most
"""


class FollowView(BaseModel):
    """How somebody stands to one account. ``subscribed`` is ``None`` where nobody has told yet."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    account: str
    subscribed: bool | None
    subscribed_at: datetime | None
    changed_at: datetime | None
    first_seen_at: datetime


class Follows(BaseModel):
    """Accounts followed now come first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[FollowView, ...]


async def follows_of(uow: UnitOfWork, person_id: int) -> Follows:
    """Return how a person stands to each account, at most ``FOLLOWS_MAX``."""
    found = await uow.execute(_FOLLOWS, {"tenant": uow.tenant_id, "person": person_id, "most": FOLLOWS_MAX})
    return Follows(
        items=tuple(
            FollowView(
                account_id=encode_id("oac", row.id),
                account=row.name,
                subscribed=row.subscribed,
                subscribed_at=row.subscribed_at,
                changed_at=row.changed_at,
                first_seen_at=row.first_seen_at,
            )
            for row in found
        )
    )


def router() -> APIRouter:
    """Build the route of the person page."""
    routes = APIRouter(prefix="/api/v1/people", tags=["channels"], dependencies=[permits.PEOPLE])

    @routes.get("/{person}/follows")
    async def follows_of_person(uow: RequestUow, person: str) -> Follows:
        """List the accounts one person follows or followed."""
        number = decode_id("per", person)
        return await follows_of(uow, number) if number < 2**31 else Follows(items=())

    return routes
