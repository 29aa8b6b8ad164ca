"""How belonging becomes SQL: stored members, who entered and left, ties as their latest event left them."""

from typing import Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import (
    CANONICAL,
    Evaluation,
    instant_sql,
    names_sql,
    within_sql,
)
from quanyu.modules.events.asking.windows import Bounds, bounds_of, epoch_ms, span_of
from quanyu.modules.segments.conditions.facts import Ago
from quanyu.modules.segments.conditions.listed import InList
from quanyu.modules.segments.conditions.membership import (
    SEGMENT_PREFIX,
    Bond,
    InSegment,
    Moved,
    Relation,
    Stay,
)

# Events that begin and end ties. A sync states what no callback told under the same names.
_FOLLOWED: Final = "wechat.official_account.followed"
_UNFOLLOWED: Final = "wechat.official_account.unfollowed"
_TOLD: Final = "wechat.official_account.user_info_fetched"
_TELLS: Final = "properties.`subscribed`.:`Bool`"
_BEGINS: Final = {
    Bond.GROUP: ("community.member_joined",),
    Bond.ACCOUNT: (_FOLLOWED,),
    Bond.STAFF: ("wechat.wecom.customer_added",),
}
_ENDS: Final = {
    Bond.GROUP: ("community.member_left",),
    Bond.ACCOUNT: (_UNFOLLOWED,),
    Bond.STAFF: ("wechat.wecom.customer_deleted_by_staff", "wechat.wecom.staff_deleted_by_customer"),
}
_COLUMNS: Final = {Bond.GROUP: "group_id", Bond.ACCOUNT: "app", Bond.STAFF: "staff"}
_MEMBER: Final = "toUInt32(dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person))"


def members_sql(node: InSegment | InList, at: Evaluation, parameters: Parameters) -> str:
    """Return the query for the bitmap of a segment's members or a list's entries, as who they are today.

    Of people merged since the segment was evaluated, the first membership counts.
    """
    source = (
        "FROM segment_membership FINAL WHERE tenant_id = {tenant:UInt32} "
        f"AND segment_id = {parameters.bind(node.number, 'UInt64')} AND member = 1"
    )
    if isinstance(node, InList) or node.since is None:
        return f"SELECT groupBitmapState({_MEMBER}) {source}"
    tests = within_sql("began", _stay_bounds(node.since, at), parameters)
    grouped = (
        f"SELECT {_MEMBER} AS who, min(since) AS began {source} GROUP BY who HAVING {' AND '.join(tests)}"
    )
    return f"SELECT groupBitmapState(who) FROM ({grouped})"  # noqa: S608


def _stay_bounds(since: Stay, at: Evaluation) -> Bounds:
    if not isinstance(since, Ago):
        return bounds_of(since, as_of=at.as_of, zone=at.zone)
    border, now = epoch_ms(at.as_of - span_of(since.amount, since.unit)), epoch_ms(at.as_of)
    return Bounds(None, border) if since.op == "at_least" else Bounds(border, now)


def moved_sql(node: Moved, at: Evaluation, parameters: Parameters) -> str:
    """Return the query for the bitmap of people of whom it was stated that they entered or left."""
    where = [
        names_sql((node.move.fact,), parameters),
        "events.person != 0",
        "properties.`segment_id`.:`String` = "
        f"{parameters.bind(encode_id(SEGMENT_PREFIX, node.number), 'String')}",
        *within_sql("events.occurred_at", bounds_of(node.window, as_of=at.as_of, zone=at.zone), parameters),
    ]
    return f"SELECT groupBitmapState({CANONICAL}) FROM events WHERE {' AND '.join(where)}"  # noqa: S608


def bond_names(bond: Bond) -> tuple[str, ...]:
    """Return the names of the events that say something of such a tie."""
    return (*_BEGINS[bond], *_ENDS[bond], *((_TOLD,) if bond is Bond.ACCOUNT else ()))


def related_sql(node: Relation, at: Evaluation, parameters: Parameters) -> str:
    """Return the query for the bitmap of people with such a tie; ``op`` is left to the caller."""
    column = _COLUMNS[node.to]
    where = [
        names_sql(bond_names(node.to), parameters),
        "events.person != 0",
        f"events.occurred_at <= {instant_sql(epoch_ms(at.as_of), parameters)}",
        f"{column} {_asked(node, parameters)}",
    ]
    begins = f"events.name IN {parameters.bind(list(_BEGINS[node.to]), 'Array(String)')}"
    if node.to is Bond.ACCOUNT:
        where.append(f"(events.name != '{_TOLD}' OR isNotNull({_TELLS}))")
        begins = f"({begins} OR (events.name = '{_TOLD}' AND ifNull({_TELLS}, 0)))"
    grouped = (
        f"SELECT {CANONICAL} AS who, argMax({begins}, (events.occurred_at, events.position)) AS tied, "  # noqa: S608
        f"maxIf(events.occurred_at, {begins}) AS since FROM events WHERE {' AND '.join(where)} "
        f"GROUP BY who, {column} HAVING {' AND '.join(['tied', *_since(node, at, parameters)])}"
    )
    return f"SELECT groupBitmapState(who) FROM ({grouped})"  # noqa: S608


def _asked(node: Relation, parameters: Parameters) -> str:
    return f"IN {parameters.bind(list(node.ids), 'Array(String)')}" if node.ids else "!= ''"


def _since(node: Relation, at: Evaluation, parameters: Parameters) -> list[str]:
    bounds = bounds_of(node.since, as_of=at.as_of, zone=at.zone)
    tests = [f"since <= {instant_sql(bounds.last_ms, parameters)}"]
    if bounds.first_ms is not None:
        tests.append(f"since >= {instant_sql(bounds.first_ms, parameters)}")
    return tests
