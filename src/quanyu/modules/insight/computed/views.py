"""Views made from rows: pure."""

from collections.abc import Sequence
from typing import cast

from quanyu.kernel.ids import encode_id
from quanyu.modules.insight.computed.contracts import (
    PREFIX,
    AttributeUse,
    ComputedDetail,
    ComputedVersion,
    ComputedView,
    Kind,
    State,
)
from quanyu.modules.insight.computed.definition import EventFigure
from quanyu.modules.insight.computed.plan import Planned
from quanyu.modules.insight.computed.queries import Row, Version
from quanyu.modules.insight.computed.values import ValueType
from quanyu.modules.people.computed.keys import attribute_key


def view(row: Row) -> ComputedView:
    """Return an attribute as lists show it."""
    written = row.definition or row.draft or {}
    return ComputedView(
        id=encode_id(PREFIX, row.id),
        key=row.key,
        attribute=attribute_key(row.key),
        name=row.name,
        description=row.description,
        state=cast(State, row.state),
        kind=cast(Kind, written.get("kind")),
        type=None if row.value_type is None else ValueType(row.value_type),
        version=row.version,
        definition=row.definition,
        draft=row.draft,
        people=row.people,
        changed=row.changed,
        as_of=row.as_of,
        full_at=row.full_at,
        took_ms=row.took_ms,
        error=row.error,
        is_building=row.state == "live" and row.full_at is None and row.error is None,
        created_by=row.created_by,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def detail(
    row: Row, planned: Planned, used_by: Sequence[AttributeUse], versions: Sequence[Version]
) -> ComputedDetail:
    """Return an attribute with its lineage."""
    definition = planned.definition
    return ComputedDetail(
        **view(row).model_dump(),
        inputs=tuple(sorted(planned.inputs)),
        told=tuple(sorted(planned.told)),
        events=definition.names if isinstance(definition, EventFigure) else (),
        used_by=tuple(used_by),
        versions=tuple(
            ComputedVersion(
                version=one.version,
                definition=one.definition,
                actor=one.actor,
                published_at=one.published_at,
            )
            for one in versions
        ),
    )
