"""What people and the platform do, as far as it concerns messages: windows open and close, receipts come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.messaging.ports import Recipients
from quanyu.modules.messaging.queries import counters, ledgers
from quanyu.modules.messaging.queries.ledgers import WindowOpening
from quanyu.modules.messaging.queries.sending import Receipt
from quanyu.modules.messaging.reasons import RefusalReason
from quanyu.modules.messaging.receipts import take_receipts
from quanyu.modules.messaging.rules import WINDOW_GRANTS, CounterClaim, WindowKind
from quanyu.modules.messaging.sealing import Sealer

_PREFIX: Final = "wechat.official_account."
_MESSAGE: Final = f"{_PREFIX}message_received"
_MENU_CLICKED: Final = f"{_PREFIX}menu_clicked"
_FOLLOWED: Final = f"{_PREFIX}followed"
_SCANNED: Final = f"{_PREFIX}scanned"
_UNFOLLOWED: Final = f"{_PREFIX}unfollowed"
_TEMPLATE_SENT: Final = f"{_PREFIX}template_send_finished"
_PREFIXES: Final = (_PREFIX, "wechat.mini_program.")
ANSWERED: Final = frozenset(f"{prefix}subscribe_message_answered" for prefix in _PREFIXES)
CHANGED: Final = frozenset(f"{prefix}subscribe_message_changed" for prefix in _PREFIXES)
SENT: Final = frozenset(f"{prefix}subscribe_message_sent" for prefix in _PREFIXES)

# An automatic reply that went out after the answer is a customer-service message, too.
_LATE_REPLY: Final = "channels.late_reply_sent"
_WINDOW_EVENTS: Final = frozenset({_MESSAGE, _MENU_CLICKED, _FOLLOWED, _SCANNED, _UNFOLLOWED, _LATE_REPLY})
# What people do to open a window.
WINDOW_OPENERS: Final = (_MESSAGE, _MENU_CLICKED, _FOLLOWED, _SCANNED)
_REMEMBERED: Final = timedelta(days=4)  # Longer than any window.
_RECEIPTS: Final = frozenset({_TEMPLATE_SENT, *SENT})
_OPENING_MENU_ACTIONS: Final = frozenset({"CLICK", "scancode_push", "scancode_waitmsg"})


class WindowSubscriber:
    """Opens and closes customer-service windows at the instant people acted."""

    name = "messaging.windows"
    # A newcomer's openid must be known before a window can be opened for it.
    after = ("channels.followers",)

    def __init__(self, recipients: Recipients, sealer: Sealer) -> None:
        self._recipients = recipients
        self._sealer = sealer

    def wants(self, event_name: str) -> bool:
        """Whether events of this name open or close windows."""
        return event_name in _WINDOW_EVENTS

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing has to be asked outside a transaction."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Open, renew and close windows. Idempotent, and the order of events does not matter."""
        mine = [event for event in events if event.name in _WINDOW_EVENTS]
        acts = await acts_of(uow, self._recipients, self._sealer, mine)
        openings: dict[tuple[int, bytes, WindowKind], WindowOpening] = {}
        closings: list[tuple[int, bytes, datetime]] = []
        for act in acts:
            if act.event.name == _UNFOLLOWED:
                closings.append((act.account_id, act.recipient, act.event.occurred_at))
            kind = window_kind(act.event)
            if kind is not None:
                opening = _opening(act, kind)
                known = openings.setdefault((act.account_id, act.recipient, kind), opening)
                if known.opened_at < opening.opened_at:
                    openings[act.account_id, act.recipient, kind] = opening
        connection = await uow.raw()
        await ledgers.open_windows(connection, uow.tenant_id, list(openings.values()))
        await ledgers.close_windows(connection, uow.tenant_id, closings)
        await _charge(uow, [act for act in acts if act.event.name == _LATE_REPLY])


@dataclass(frozen=True, slots=True)
class Act:
    """An event with who did it, as windows are keyed."""

    event: LogEvent
    account_id: int
    person_id: PersonId
    recipient: bytes


async def acts_of(
    uow: UnitOfWork, recipients: Recipients, sealer: Sealer, events: Sequence[LogEvent]
) -> list[Act]:
    """Return those events of people in connected accounts, with whom they are about."""
    accounts = await _accounts_of(uow, recipients, events)
    by_account: dict[int, set[PersonId]] = defaultdict(set)
    for event in events:
        account_id = accounts.get(event.context.get("app", ""))
        if account_id is not None and event.person_id is not None:
            by_account[account_id].add(event.person_id)
    tokens: dict[tuple[int, PersonId], bytes] = {}
    for account_id, person_ids in by_account.items():
        found = await recipients.resolve(uow, account_id, sorted(person_ids))
        for person_id, recipient in found.items():
            token = sealer.recipient_token(account_id, recipient.address)
            tokens[account_id, person_id] = token
    acts = []
    for event in events:
        account_id = accounts.get(event.context.get("app", ""))
        if account_id is None or event.person_id is None:
            continue
        recipient_token = tokens.get((account_id, event.person_id))
        if recipient_token is not None:
            acts.append(Act(event, account_id, event.person_id, recipient_token))
    return acts


async def _charge(uow: UnitOfWork, replies: Sequence[Act]) -> None:
    """Take late replies from the windows they went out in; by a counter of its own each counts once."""
    named = {(act.person_id, f"late_reply:{act.event.message_id}"): act for act in replies}
    claims = [
        CounterClaim(
            name=name,
            person_id=person_id,
            limit=1,
            since=act.event.occurred_at - _REMEMBERED,
            expires_at=act.event.occurred_at + _REMEMBERED,
            refusal=RefusalReason.DUPLICATE,
        )
        for (person_id, name), act in named.items()
    ]
    connection = await uow.raw()
    fresh = await counters.take(connection, uow.tenant_id, claims, now=uow.clock.now())
    rounds: list[dict[ledgers.WindowKey, datetime]] = []
    seen: dict[ledgers.WindowKey, int] = defaultdict(int)
    for act in (act for key, act in named.items() if key in fresh):
        key = (act.account_id, act.recipient)
        if seen[key] == len(rounds):
            rounds.append({})
        rounds[seen[key]][key] = act.event.occurred_at
        seen[key] += 1
    for charges in rounds:  # A key occurs once in each.
        await ledgers.charge_windows(connection, uow.tenant_id, charges)


def window_kind(event: LogEvent) -> WindowKind | None:
    """Return which window an event opens, if any. Source: the quota table of customer-service messages."""
    match event.name:
        case "wechat.official_account.message_received":
            # A tap on an item of a menu message arrives as text, and counts as a menu click.
            return WindowKind.MENU_CLICK if event.properties.get("menu_item") else WindowKind.MESSAGE
        case "wechat.official_account.menu_clicked":
            action = event.properties.get("action", "CLICK")
            return WindowKind.MENU_CLICK if action in _OPENING_MENU_ACTIONS else None
        case "wechat.official_account.followed":
            return WindowKind.FOLLOW
        case "wechat.official_account.scanned":
            return WindowKind.SCAN
        case _:
            return None


def _opening(act: Act, kind: WindowKind) -> WindowOpening:
    grant = WINDOW_GRANTS[kind]
    at = act.event.occurred_at
    return WindowOpening(
        account_id=act.account_id,
        recipient=act.recipient,
        person_id=act.person_id,
        kind=str(kind),
        opened_at=at,
        expires_at=at + grant.span,
        granted=grant.messages,
    )


class ReceiptSubscriber:
    """Takes the platform's receipts of template and subscribe messages."""

    name = "messaging.receipts"
    after = ()

    def __init__(self, recipients: Recipients) -> None:
        self._recipients = recipients

    def wants(self, event_name: str) -> bool:
        """Whether events of this name are receipts."""
        return event_name in _RECEIPTS

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing has to be asked outside a transaction."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Move messages to delivered or failed; keep receipts that came before our own bookkeeping."""
        mine = [event for event in events if event.name in _RECEIPTS]
        accounts = await _accounts_of(uow, self._recipients, mine)
        receipts: dict[tuple[int, str], Receipt] = {}
        for event in mine:
            account_id = accounts.get(event.context.get("app", ""))
            if account_id is None:
                continue
            for msgid, status in _receipts_of(event):
                receipt = Receipt(account_id, msgid, status, event.occurred_at)
                receipts.setdefault((account_id, msgid), receipt)
        await take_receipts(uow, list(receipts.values()))


def items_of(event: LogEvent) -> list[Mapping[str, Any]]:
    """Return what an event says of each template; none of another form."""
    items = event.properties.get("items")
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _receipts_of(event: LogEvent) -> list[tuple[str, str]]:
    """Return (msgid, status) of every message an event reports about."""
    if event.name == _TEMPLATE_SENT:
        said = [(event.properties.get("msgid", ""), event.properties.get("status", ""))]
    else:
        said = [(item.get("msgid", ""), item.get("error", "")) for item in items_of(event)]
    return [(str(msgid), str(status)) for msgid, status in said if msgid]


async def _accounts_of(
    uow: UnitOfWork, recipients: Recipients, events: Sequence[LogEvent]
) -> Mapping[str, int]:
    appids = sorted({event.context["app"] for event in events if event.context.get("app")})
    return await recipients.accounts_of(uow, appids) if appids else {}
