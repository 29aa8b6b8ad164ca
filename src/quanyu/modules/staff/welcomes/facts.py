"""The facts welcomes state."""

from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier
from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.wecom.contracts import CHANNEL, CUSTOMER_NAMESPACE
from quanyu.modules.staff.welcomes.contracts import RULE_PREFIX
from quanyu.modules.staff.welcomes.ledger import Settlement
from quanyu.modules.staff.welcomes.states import BLOCKED, WelcomeState

WELCOME_SENT: Final = "staff.welcome_sent"
WELCOME_NOT_SENT: Final = "staff.welcome_not_sent"
# The attribute that marks who came under a blocked name (WM-7); segments and people lists can ask for it.
SUSPECT: Final = "suspect"


def settled(one: Settlement, token: str, *, at: datetime) -> Fact:
    """State what became of a welcome; idempotent on its number. ``token`` is that of its links (WM-5)."""
    claimed, chosen = one.claimed, one.chosen
    about = {
        "outcome": one.state.value,
        "reason": one.reason,
        "rule": encode_id(RULE_PREFIX, chosen.rule.rule_id) if chosen else "",
        "slot": chosen.slot.name if chosen else "",
        "variant": chosen.variant.name if chosen else "",
        "fallback": one.fallback,
        "token": token,
    }
    context = {
        "channel": CHANNEL,
        "app": claimed.corp,
        "staff": claimed.userid,
        "customer": claimed.customer_token.hex(),
        "state": claimed.code_state,
    }
    return Fact(
        name=WELCOME_SENT if one.state is WelcomeState.SENT else WELCOME_NOT_SENT,
        message_id=f"welcome:{claimed.welcome_id}",
        occurred_at=at,
        identifiers=(
            FactIdentifier(
                namespace=CUSTOMER_NAMESPACE, scope=claimed.corp, value=claimed.secret.external_userid
            ),
        ),
        properties={key: value for key, value in about.items() if value},
        traits={SUSPECT: True} if one.reason == BLOCKED else {},
        context={key: value for key, value in context.items() if value},
    )
