"""The journeys one person is in or was in, for their page."""

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.web import RequestUow
from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.journeys.errors import PassageNotFound

PASSAGES_MAX: Final = 100
STEPS_MAX: Final = 200

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
"""
_LATEST: Final = "ORDER BY (e.status = 'active') DESC, e.entered_at DESC, e.id DESC LIMIT :most"
# Where they stand is no step yet: it gets its outcome when they leave.
_STEPS: Final = """
SELECT s.seq, s.node, v.definition::jsonb -> 'nodes' -> s.node AS definition,
    s.entered_at, s.left_at, s.outcome
FROM (
    SELECT seq, node, entered_at, left_at, outcome FROM journey_step
    WHERE tenant_id = :tenant AND enrolment_id = :passage
    UNION ALL
    SELECT seq, node, entered_node_at, NULL, NULL FROM enrolment
    WHERE tenant_id = :tenant AND id = :passage AND status = 'active'
) s
JOIN enrolment e ON e.tenant_id = :tenant AND e.id = :passage
LEFT JOIN LATERAL (  -- Whoever was moved to another version passed nodes of an earlier one.
    SELECT definition FROM journey_version
    WHERE tenant_id = :tenant AND journey_id = e.journey_id AND version <= e.version
        AND jsonb_exists(definition::jsonb -> 'nodes', s.node)
    ORDER BY version DESC LIMIT 1
) v ON true
ORDER BY s.seq DESC LIMIT :most
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


class PassedStep(BaseModel):
    """One node somebody passed, or (``left_at`` and ``outcome`` empty) stands at.

    ``definition``: the node as their version has it.
    """

    model_config = ConfigDict(frozen=True)

    seq: int
    node: str
    definition: dict[str, Any] | None
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None


class PassedSteps(BaseModel):
    """A passage step by step, in order; of one that is longer, the last ``STEPS_MAX``."""

    model_config = ConfigDict(frozen=True)

    passage: PassageView
    items: tuple[PassedStep, ...]


class Passages(BaseModel):
    """Those under way first, then the latest."""

    model_config = ConfigDict(frozen=True)

    items: tuple[PassageView, ...]


async def passages_of(uow: UnitOfWork, person_id: int) -> Passages:
    """Return the passages kept under a person, at most ``PASSAGES_MAX``."""
    whose = {"tenant": uow.tenant_id, "person": person_id, "most": PASSAGES_MAX}
    found = await uow.execute(f"{_PASSAGES}{_LATEST}", whose)
    return Passages(items=tuple(_view(row) for row in found))


async def steps_of(uow: UnitOfWork, person_id: int, passage_id: int) -> PassedSteps:
    """Return one passage step by step: why somebody is where they are.

    Raises:
        PassageNotFound: the person has no such passage.
    """
    whose = {"tenant": uow.tenant_id, "person": person_id, "passage": passage_id}
    row = (await uow.execute(f"{_PASSAGES}AND e.id = :passage", whose)).one_or_none()
    if row is None:
        raise _unknown()
    steps = await uow.execute(_STEPS, {"tenant": uow.tenant_id, "passage": passage_id, "most": STEPS_MAX})
    return PassedSteps(
        passage=_view(row), items=tuple(reversed([PassedStep(**one._mapping) for one in steps]))
    )


def _view(row: Any) -> PassageView:
    return PassageView(
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


def _unknown() -> PassageNotFound:
    return PassageNotFound("this person has no such passage", message_zh="此人没有这次旅程记录")


def router() -> APIRouter:
    """Build the route of the person page."""
    routes = APIRouter(prefix="/api/v1/people", tags=["journeys"], dependencies=[permits.PEOPLE])

    @routes.get("/{person}/journeys")
    async def journeys_of_person(uow: RequestUow, person: str) -> Passages:
        """List the journeys one person is in or was in."""
        number = decode_id("per", person)
        return await passages_of(uow, number) if number < 2**31 else Passages(items=())

    @routes.get("/{person}/journeys/{passage}/steps")
    async def steps_of_passage(uow: RequestUow, person: str, passage: str) -> PassedSteps:
        """Tell which way one person went through a journey, step by step."""
        number = decode_id("per", person)
        if number >= 2**31:
            raise _unknown()
        return await steps_of(uow, number, decode_id("enr", passage))

    return routes
