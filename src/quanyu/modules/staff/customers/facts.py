"""The facts customers state."""

from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import Fact
from quanyu.modules.staff.customers.contracts import CUSTOMER_LOST, Relation
from quanyu.modules.staff.customers.rules import RelationStatus

_BY = {
    RelationStatus.DELETED_BY_CUSTOMER: "customer",
    RelationStatus.DELETED_BY_STAFF: "staff",
}


def customer_lost(relation: Relation, app_id: str) -> Fact | None:
    """State that a relation ended by one side deleting the other; ``None`` where nobody was lost.

    Idempotent on relation and time.
    """
    by = _BY.get(relation.status)
    if by is None or relation.ended_at is None:
        return None
    userid, token = relation.key.userid, relation.key.token.hex()
    about: dict[str, Any] = {"staff": userid, "by": by, "add_way": relation.add_way, "state": relation.state}
    if relation.added_at is not None:
        about["held_s"] = max(0, round((relation.ended_at - relation.added_at).total_seconds()))
    return Fact(
        name=CUSTOMER_LOST,
        message_id=f"customer_lost:{app_id}:{userid}:{token}:{_seconds(relation.ended_at)}",
        occurred_at=relation.ended_at,
        person_id=relation.person_id,
        properties={name: value for name, value in about.items() if value not in ("", None)},
        context={"channel": "wecom", "app": app_id, "staff": userid, "customer": token},
    )


def _seconds(at: datetime) -> str:
    return f"{at.timestamp():.0f}"
