"""The facts of inheritance: of each customer, each group, and each plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import Fact, FactIdentifier
from quanyu.modules.channels.wecom.contracts import CHANNEL, CUSTOMER_NAMESPACE
from quanyu.modules.staff.inheritance.contracts import ItemState, show_id
from quanyu.modules.staff.inheritance.queries.items import Work

TRANSFER_STARTED: Final = "staff.customer_transfer_started"
TRANSFERRED: Final = "staff.customer_transferred"
TRANSFER_REFUSED: Final = "staff.customer_transfer_refused"
TRANSFER_FAILED: Final = "staff.customer_transfer_failed"
GROUP_TRANSFERRED: Final = "staff.group_transferred"
GROUP_TRANSFER_FAILED: Final = "staff.group_transfer_failed"
PLAN_OPENED: Final = "staff.inheritance_opened"
PLAN_SUBMITTED: Final = "staff.inheritance_submitted"
PLAN_STOPPED: Final = "staff.inheritance_stopped"
PLAN_RESUMED: Final = "staff.inheritance_resumed"
PLAN_DROPPED: Final = "staff.inheritance_dropped"
PLAN_ENDED: Final = "staff.inheritance_ended"
_NAMES: Final = {
    ItemState.WAITING: TRANSFER_STARTED,
    ItemState.DONE: TRANSFERRED,
    ItemState.REFUSED: TRANSFER_REFUSED,
    ItemState.FAILED: TRANSFER_FAILED,
}


@dataclass(frozen=True, slots=True)
class Passing:
    """Whom a fact about one customer is about."""

    work: Work
    app_id: str
    external_userid: str
    token: bytes


def passing(about: Passing, state: ItemState, reason: str, *, at: datetime) -> Fact:
    """State how a customer's transfer stands; idempotent on plan, customer, taker and state."""
    work = about.work
    key = f"{work.plan}:{about.token.hex()}:{work.taker}:{state}"
    return Fact(
        name=_NAMES[state],
        message_id=f"inheritance:{key}",
        occurred_at=at,
        identifiers=(
            FactIdentifier(namespace=CUSTOMER_NAMESPACE, scope=about.app_id, value=about.external_userid),
        ),
        properties={
            "inheritance": show_id(work.plan),
            "kind": work.kind,
            "handover": work.handover,
            "takeover": work.taker,
            **({"reason": reason} if reason else {}),
        },
        context={
            "channel": CHANNEL,
            "app": about.app_id,
            "staff": work.taker,
            "customer": about.token.hex(),
        },
    )


def group_passing(work: Work, chat_id: str, app_id: str, *, is_done: bool, reason: str, at: datetime) -> Fact:
    """State that a group has a new owner, or could not have one; idempotent on plan and group."""
    return Fact(
        name=GROUP_TRANSFERRED if is_done else GROUP_TRANSFER_FAILED,
        message_id=f"inheritance:{work.plan}:{chat_id}:{'done' if is_done else 'failed'}",
        occurred_at=at,
        properties={
            "inheritance": show_id(work.plan),
            "kind": work.kind,
            "handover": work.handover,
            "takeover": work.taker,
            **({"reason": reason} if reason else {}),
        },
        context={"channel": CHANNEL, "app": app_id, "staff": work.taker, "group": chat_id},
    )


def plan_fact(name: str, plan: int, *, actor: str, at: datetime) -> Fact:
    """State what somebody did with a plan; idempotent on plan, deed and time."""
    return Fact(
        name=name,
        message_id=f"{name}:{plan}:{at.timestamp():.3f}",
        occurred_at=at,
        properties={"inheritance": show_id(plan), "actor": actor},
        context={"channel": CHANNEL},
    )


def ended(plan: int, *, at: datetime) -> Fact:
    """State that nothing of a plan is left to do."""
    return plan_fact(PLAN_ENDED, plan, actor="quanyu", at=at)
