"""What the identity card shows, made from what is stored: pure."""

from quanyu.kernel.ids import encode_id
from quanyu.modules.people.graph_queries import EdgeRow
from quanyu.modules.people.identifiers import mask, namespace_of
from quanyu.modules.people.separation.contracts import DecisionView, Evidence, KnownIdentity
from quanyu.modules.people.separation.queries import Decision, ShownIdentity

_PREFIX = "idn_"


def identity_id(token: bytes) -> str:
    """Write the id of an identifier: its keyed token, which says nothing of its value."""
    return f"{_PREFIX}{token.hex()}"


def token_of(identity: str) -> bytes:
    """Read what ``identity_id`` wrote; the form was checked at the door."""
    return bytes.fromhex(identity.removeprefix(_PREFIX))


def identity(one: ShownIdentity, value: str) -> KnownIdentity:
    """Return an identifier as the card shows it."""
    return KnownIdentity(
        id=identity_id(one.token),
        namespace=one.namespace,
        scope=one.scope,
        value_masked=mask(one.namespace, value),
        strength=namespace_of(one.namespace).strength,
        first_seen_at=one.first_seen_at,
        flag=one.flag,
        person=encode_id("per", one.canonical_id),
    )


def evidence(edge: EdgeRow) -> Evidence:
    """Return an edge as the card shows it."""
    return Evidence(
        a=identity_id(edge.a),
        b=identity_id(edge.b),
        evidence=edge.evidence,
        source=edge.source,
        state=edge.state,
        reason=edge.reason,
        note=edge.note,
        first_event_at=edge.first_event_at,
    )


def decision(one: Decision, prefix: str) -> DecisionView:
    """Return a decision as the card shows it."""
    return DecisionView(
        id=encode_id(prefix, one.id),
        kind=one.kind,
        identities=tuple(identity_id(token) for token in one.tokens),
        actor=one.actor,
        reason=one.reason,
        decided_at=one.decided_at,
        undone_by=one.undone_by,
        undone_at=one.undone_at,
    )
