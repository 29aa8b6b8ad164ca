"""What members did on the page beside chats, as facts with the member as the actor."""

from typing import Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier
from quanyu.modules.channels.wecom.contracts import CHANNEL, CUSTOMER_NAMESPACE
from quanyu.modules.staff.sidebar.queries import Deed

CUSTOMER_NOTED: Final = "staff.customer_noted"
CUSTOMER_TAGS_ASKED: Final = "staff.customer_tags_asked"


def about_customer(name: str, deed: Deed, *, app_id: str, external_userid: str) -> Fact:
    """State what a member did about a customer; idempotent on the deed. What they wrote is not in it."""
    token = "" if deed.token is None else deed.token.hex()
    return Fact(
        name=name,
        message_id=f"sidebar:{deed.id}",
        occurred_at=deed.at,
        identifiers=(FactIdentifier(namespace=CUSTOMER_NAMESPACE, scope=app_id, value=external_userid),),
        properties={"actor": f"staff:{deed.caller.userid}", "fields": list(deed.fields)},
        context={
            "channel": CHANNEL,
            "app": app_id,
            "staff": deed.caller.userid,
            "customer": token,
        },
    )
