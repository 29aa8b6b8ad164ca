"""How belonging becomes SQL: stored members of a segment, and ties as their latest event left them."""

from typing import Final

from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import CANONICAL, Evaluation, instant_sql, names_sql
from quanyu.modules.events.asking.windows import bounds_of, epoch_ms
from quanyu.modules.segments.conditions.listed import InList
from quanyu.modules.segments.conditions.membership import Bond, InSegment, Relation

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


def members_sql(node: InSegment | InList, parameters: Parameters) -> str:
    """Return the query for the bitmap of a segment's members or a list's entries, as who they are today."""
    return (
        "SELECT groupBitmapState(toUInt32(dictGetOrDefault('person_canonical', 'canonical', "  # noqa: S608
        "toUInt64(person), person))) FROM segment_membership FINAL WHERE tenant_id = {tenant:UInt32} "
        f"AND segment_id = {parameters.bind(node.number, 'UInt64')} AND member = 1"
    )


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
