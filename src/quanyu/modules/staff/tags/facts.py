"""The facts corp tags state."""

from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId
from quanyu.modules.staff.customers.contracts import RelationKey

CUSTOMER_TAGGED: Final = "staff.customer_tagged"
CUSTOMER_UNTAGGED: Final = "staff.customer_untagged"


def customer_tag(
    key: RelationKey,
    *,
    app_id: str,
    person_id: PersonId | None,
    tag_id: str,
    tag: str,
    group: str,
    origin: str,
    added: bool,
    at: datetime,
) -> Fact:
    """State that a relation carries a tag now, or no longer; idempotent on relation, tag and time."""
    name = CUSTOMER_TAGGED if added else CUSTOMER_UNTAGGED
    properties = {"staff": key.userid, "tag_id": tag_id, "tag": tag, "group": group, "origin": origin}
    return Fact(
        name=name,
        message_id=f"{name}:{app_id}:{key.userid}:{key.token.hex()}:{tag_id}:{at.timestamp():.3f}",
        occurred_at=at,
        person_id=person_id,
        properties={one: value for one, value in properties.items() if value},
        context={"channel": "wecom", "app": app_id, "staff": key.userid, "customer": key.token.hex()},
    )
