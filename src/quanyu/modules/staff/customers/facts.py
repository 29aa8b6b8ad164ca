"""The facts customers state."""

from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier
from quanyu.modules.channels.contracts import UNIONID_SCOPE
from quanyu.modules.channels.wecom.contracts import CHANNEL, CUSTOMER_NAMESPACE, Corp
from quanyu.modules.channels.wecom.translation import (
    CUSTOMER_ADDED,
    CUSTOMER_DELETED_BY_STAFF,
    CUSTOMER_DETAILS_FETCHED,
)
from quanyu.modules.staff.customers.contracts import CUSTOMER_LOST, Contact, Relation
from quanyu.modules.staff.customers.rules import RelationStatus
from quanyu.wechat.wecom.customers import ExternalContact

_GENDERS: Final = {1: "male", 2: "female"}
_BY: Final = {
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


def _context(corp: Corp, relation: Relation) -> dict[str, str]:
    context = {
        "channel": CHANNEL,
        "app": corp.corp_id,
        "staff": relation.key.userid,
        "customer": relation.key.token.hex(),
    }
    return context | ({"state": relation.state} if relation.state else {})


def synthetic_add(corp: Corp, relation: Relation, external_userid: str) -> Fact:
    """State an add no callback told of; idempotent on relation and time of the add."""
    assert relation.added_at is not None, "only what was added is stated"
    properties: dict[str, Any] = {"staff": relation.key.userid, "add_way": relation.add_way}
    if relation.state:
        properties["state"] = relation.state
    return Fact(
        name=CUSTOMER_ADDED,
        message_id=_synthetic_id("added", relation, relation.added_at),
        occurred_at=relation.added_at,
        person_id=relation.person_id,
        identifiers=(
            FactIdentifier(namespace=CUSTOMER_NAMESPACE, scope=corp.corp_id, value=external_userid),
        ),
        properties={**properties, "synthetic": True},
        context=_context(corp, relation),
        source=corp.source,
    )


def synthetic_deletion(corp: Corp, relation: Relation, asked_at: datetime) -> Fact:
    """State that a relation is gone and no callback told; idempotent on relation and time of the add."""
    return Fact(
        name=CUSTOMER_DELETED_BY_STAFF,
        message_id=_synthetic_id("deleted", relation, relation.added_at or asked_at),
        occurred_at=asked_at,
        person_id=relation.person_id,
        properties={"staff": relation.key.userid, "synthetic": True},
        context=_context(corp, relation),
        source=corp.source,
    )


def _synthetic_id(what: str, relation: Relation, at: datetime) -> str:
    key = relation.key
    return f"synthetic:{what}:{key.userid}:{key.token.hex()}:{at.timestamp():.0f}"


def details_fetched(corp: Corp, token: bytes, found: ExternalContact, kept: Contact) -> Fact:
    """State who a customer is, by unionid and name; idempotent on what was answered and when."""
    identifiers = [
        FactIdentifier(namespace=CUSTOMER_NAMESPACE, scope=corp.corp_id, value=found.external_userid)
    ]
    if found.unionid:
        identifiers.append(FactIdentifier(namespace="unionid", scope=UNIONID_SCOPE, value=found.unionid))
    traits = {"nickname": found.name, "gender": _GENDERS.get(found.gender, ""), "avatar": found.avatar}
    asked_at = kept.details_fetched_at
    assert kept.details_digest is not None
    assert asked_at is not None
    return Fact(
        name=CUSTOMER_DETAILS_FETCHED,
        message_id=f"customer_details:{token.hex()}:{kept.details_digest.hex()}:{asked_at.timestamp():.3f}",
        occurred_at=asked_at,
        identifiers=tuple(identifiers),
        properties={"type": found.type, "has_unionid": bool(found.unionid)},
        traits={name: value for name, value in traits.items() if value},
        context={"channel": CHANNEL, "app": corp.corp_id, "customer": token.hex()},
        source=corp.source,
    )
