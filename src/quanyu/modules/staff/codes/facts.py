"""The facts live codes state."""

from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId
from quanyu.modules.staff.codes.counting import CountedAdd
from quanyu.modules.staff.codes.queries import KeptCode
from quanyu.modules.staff.codes.states import CodeState

ADDED_BY_CODE: Final = "staff.added_by_code"


def added_by_code(
    code: KeptCode,
    state: CodeState,
    add: CountedAdd,
    *,
    person_id: PersonId | None,
    app_id: str,
    at: datetime,
    is_new: bool,
) -> Fact:
    """State that somebody added a member by a code; idempotent on code, member, customer and day."""
    properties: dict[str, Any] = {
        "code": code.reference,
        "code_name": code.draft.name,
        "source": state.source,
        "campaign": state.campaign,
        "inviter": state.inviter,
        "is_new": is_new,  # Nobody of the corp had them before.
    }
    context = {
        "channel": "wecom",
        "app": app_id,
        "staff": add.userid,
        "customer": add.token.hex(),
        "state": state.state,
        "store": state.store,
        "campaign": state.campaign,
    }
    key = f"{code.code_id}:{add.userid}:{add.token.hex()}:{add.day.isoformat()}"
    return Fact(
        name=ADDED_BY_CODE,
        message_id=f"added_by_code:{key}",
        occurred_at=at,
        person_id=person_id,
        properties={name: value for name, value in properties.items() if value not in ("", None)},
        context={name: value for name, value in context.items() if value},
    )
