"""The journeys one person is in or was in, for their page."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import decode_id, encode_id

PASSAGES_MAX: Final = 100

# By journey first: the key of passages begins with it, and a brand has few journeys.
_PASSAGES: Final = """
SELECT j.id AS journey_id, j.name, e.id, e.version, e.status, e.node,
    coalesce(v.definition::jsonb -> 'nodes' -> e.node ->> 'label', '') AS label,
    coalesce(v.definition::jsonb -> 'nodes' -> e.node ->> 'kind', '') AS kind,
    e.entered_at, e.entered_node_at, e.wake_at, e.exit_reason
FROM journey j
JOIN enrolment e ON e.tenant_id = :tenant AND e.journey_id = j.id AND e.person_id = :person
LEFT JOIN journey_version v ON v.tenant_id = :tenant AND v.journey_id = j.id AND v.version = e.version
WHERE j.tenant_id = :tenant
ORDER BY (e.status = 'active') DESC, e.entered_at DESC, e.id DESC
LIMIT :most
"""


class PassageView(BaseModel):
    """One passage through a journey. ``node`` is where the person stands, or stood last."""

    model_config = ConfigDict(frozen=True)

    id: str
    journey_id: str
    journey: str
    version: int
    status: str  # active, completed or exited.
    node: str
    node_label: str
    node_kind: str
    entered_at: datetime
    since: datetime | None  # When they came to the node.
    wakes_at: datetime | None  # When they go on at the latest.
    exit_reason: str | None


class Passages(BaseModel):
    """Those under way first, then the latest."""

    model_config = ConfigDict(frozen=True)

    items: tuple[PassageView, ...]


async def passages_of(uow: UnitOfWork, person_id: int) -> Passages:
    """Return the passages kept under a person, at most ``PASSAGES_MAX``."""
    found = await uow.execute(_PASSAGES, {"tenant": uow.tenant_id, "person": person_id, "most": PASSAGES_MAX})
    return Passages(
        items=tuple(
            PassageView(
                id=encode_id("enr", row.id),
                journey_id=encode_id("jrn", row.journey_id),
                journey=row.name,
                version=row.version,
                status=row.status,
                node=row.node,
                node_label=row.label,
                node_kind=row.kind,
                entered_at=row.entered_at,
                since=row.entered_node_at,
                wakes_at=row.wake_at,
                exit_reason=row.exit_reason,
            )
            for row in found
        )
    )


def router() -> APIRouter:
    """Build the route of the person page."""
    routes = APIRouter(prefix="/api/v1/people", tags=["journeys"], dependencies=[permits.PEOPLE])

    @routes.get("/{person}/journeys")
    async def journeys_of_person(uow: RequestUow, person: str) -> Passages:
        """List the journeys one person is in or was in."""
        number = decode_id("per", person)
        return await passages_of(uow, number) if number < 2**31 else Passages(items=())

    return routes
