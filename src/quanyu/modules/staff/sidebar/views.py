"""What the page shows, made from what the stores hold: pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.paging import decode_cursor, foreign_cursor
from quanyu.modules.people.contracts import PersonProfile, TimelineItem
from quanyu.modules.staff.customers.contracts import Contact, Relation
from quanyu.modules.staff.directory.contracts import Member
from quanyu.modules.staff.sidebar.contracts import (
    Colleague,
    CustomerCard,
    NotedTag,
    Notes,
    OwnCustomer,
    SegmentName,
    ShownAttribute,
    ShownEvent,
    ShownMessage,
    ShownTotals,
)
from quanyu.wechat.errors import OutcomeUnknown, WechatError
from quanyu.wechat.wecom.customers import Follower

_TOKEN_BYTES_MAX = 64


def token_of(customer: str) -> bytes | None:
    """Return the token a customer's id on this page stands for; ``None`` if it is none."""
    try:
        token = bytes.fromhex(customer)
    except ValueError:
        return None
    return token if 0 < len(token) <= _TOKEN_BYTES_MAX else None


def place(cursor: str | None) -> tuple[datetime, str, bytes] | None:
    """Return where a list goes on.

    Raises:
        InvalidCursor: the text is not a cursor of this list.
    """
    if not cursor:
        return None
    at, userid, token = decode_cursor(cursor, str, str, str)
    try:
        return datetime.fromisoformat(at), userid, bytes.fromhex(token)
    except ValueError as error:
        raise foreign_cursor() from error


def name_of(contact: Contact | None, keyring: KeyRing) -> str:
    """Return what a customer is called; "" while nobody was told."""
    if contact is None or contact.name_sealed is None:
        return ""
    return keyring.open(contact.name_sealed).decode()


def own_customer(relation: Relation, contact: Contact | None, keyring: KeyRing) -> OwnCustomer:
    """Return one row of a member's list."""
    remark = "" if relation.remark_sealed is None else keyring.open(relation.remark_sealed).decode()
    return OwnCustomer(
        customer=relation.key.token.hex(),
        name=name_of(contact, keyring),
        avatar="" if contact is None else contact.avatar,
        remark=remark,
        status=relation.status,
        added_at=relation.added_at,
        ended_at=relation.ended_at,
        add_way=relation.add_way,
    )


def card(
    relation: Relation,
    contact: Contact | None,
    others: Sequence[Relation],
    members: Mapping[str, Member],
    profile: PersonProfile | None,
    messages: tuple[ShownMessage, ...],
    *,
    name: str,
    source: str,
) -> CustomerCard:
    """Return everything the page shows of one customer."""

    def called(userid: str) -> str:
        return members[userid].shown_name if userid in members else userid

    bought = None if profile is None else profile.totals
    return CustomerCard(
        customer=relation.key.token.hex(),
        name=name or (profile.display_name if profile else ""),
        avatar="" if contact is None else contact.avatar,
        type=0 if contact is None else contact.type,
        gender=0 if contact is None else contact.gender,
        corp_name="" if contact is None else contact.corp_name,
        status=relation.status,
        added_at=relation.added_at,
        ended_at=relation.ended_at,
        add_way=relation.add_way,
        state=source,
        brought_by=called(relation.brought_by) if relation.brought_by else "",
        colleagues=tuple(
            Colleague(userid=one.key.userid, name=called(one.key.userid), added_at=one.added_at)
            for one in others
        ),
        attributes=tuple(
            ShownAttribute(key=one.key, value=one.value, occurred_at=one.occurred_at)
            for one in (profile.attributes if profile else ())
        ),
        segments=tuple(SegmentName(name=one.name) for one in (profile.segments if profile else ())),
        totals=None
        if bought is None
        else ShownTotals(
            orders=bought.orders,
            revenue=bought.revenue,
            currency=bought.currency,
            last_order_at=bought.last_order_at,
        ),
        messages=messages,
    )


def event(item: TimelineItem) -> ShownEvent:
    """Return one line of a customer's history."""
    products = item.properties.get("products")
    names = [str(one.get("name") or one.get("sku") or "") for one in products] if products else []
    return ShownEvent(
        id=item.id,
        name=item.name,
        occurred_at=item.occurred_at,
        source=item.source,
        revenue=item.revenue,
        currency=item.currency,
        order_id=item.order_id,
        products=tuple(name for name in names if name),
    )


def notes(own: Follower) -> Notes:
    """Return what a member noted, as the platform tells it."""
    return Notes(
        remark=own.remark,
        description=own.description,
        company=own.remark_corp_name,
        mobiles=tuple(own.remark_mobiles),
        tags=tuple(NotedTag(id=one.tag_id, group=one.group_name, name=one.tag_name) for one in own.tags),
    )


def outcome_of(error: WechatError) -> str:
    """Return how a deed ended whose call failed."""
    return "unknown" if isinstance(error, OutcomeUnknown) else "refused"
