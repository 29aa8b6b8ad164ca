"""Messaging: the module's public face."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from quanyu.infra.crypto import CannotOpen
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.messaging import planning, rendering
from quanyu.modules.messaging.blocklist import Blocklist
from quanyu.modules.messaging.campaigns import Campaigns
from quanyu.modules.messaging.capabilities import capability_of, read_account_id
from quanyu.modules.messaging.contracts import (
    TEST_PREFIX,
    Allowances,
    Channel,
    HandedMessage,
    HoldView,
    LaneView,
    MessageClass,
    MessageDetail,
    MessageKind,
    MessagePolicy,
    MessagesSummary,
    MessageState,
    MessageView,
    PlanMessage,
    PlannedMessage,
    SendMessage,
    SentMessage,
    TemplateRecord,
)
from quanyu.modules.messaging.errors import LaneNotFound, MessageNotFound
from quanyu.modules.messaging.governor import Governor
from quanyu.modules.messaging.hold import (
    ADVICE_EN,
    ADVICE_ZH,
    HoldReason,
    count_waiting,
    find_hold,
    lift_hold,
    place_hold,
)
from quanyu.modules.messaging.planning import Planner, Trial
from quanyu.modules.messaging.ports import (
    BrandZones,
    ConsentBook,
    PersonalPages,
    PersonVariables,
    PreferencePage,
    Recipients,
    SendGuard,
)
from quanyu.modules.messaging.purposes import purpose_of
from quanyu.modules.messaging.queries import blocks, counters, following, listing, sending, settings
from quanyu.modules.messaging.queries.listing import ListedIntent, MessageFilter
from quanyu.modules.messaging.queries.sending import Receipt
from quanyu.modules.messaging.reach import ReachDesk
from quanyu.modules.messaging.reasons import reason_text
from quanyu.modules.messaging.receipts import take_receipts
from quanyu.modules.messaging.rehearsal import Rehearsal
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.summary import summarise
from quanyu.modules.messaging.traces import read_trace


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagingPorts:
    """What wiring feeds in."""

    recipients: Recipients
    variables: PersonVariables
    zones: BrandZones
    consent: ConsentBook
    preferences: PreferencePage | None = None  # What ``{{ preferences_url }}`` becomes.
    forms: PersonalPages | None = None  # What ``{{ forms.frm_… }}`` becomes.
    links: ShortLinks | None = None  # What ``{{ … | short_link }}`` makes.


class Messaging:
    """Plan messages to people, and see what became of them."""

    def __init__(self, ports: MessagingPorts, sealer: Sealer) -> None:
        self._ports = ports
        self._sealer = sealer
        self.blocklist = Blocklist(ports.variables)
        self.governor = Governor(ports.zones, ports.consent, ports.variables, [self.blocklist])
        self._planner = Planner(
            self.governor,
            ports.recipients,
            ports.variables,
            sealer,
            ports.preferences,
            ports.forms,
            ports.links,
        )
        self.reach = ReachDesk(self.governor, ports.recipients, sealer)
        self.rehearsal = Rehearsal(self.governor, ports.recipients, sealer)
        self._lanes_known: set[tuple[int, int]] = set()
        self._on_planned: list[Callable[[], None]] = []
        self.campaigns = Campaigns(self._wake)

    def on_planned(self, listener: Callable[[], None]) -> None:
        """Call ``listener()`` after each commit that reserved messages; used to wake the dispatcher."""
        self._on_planned.append(listener)

    def add_guard(self, guard: SendGuard) -> None:
        """Let a higher module stop messages at the last moment."""
        self.governor.add_guard(guard)

    def check_content(self, kind: MessageKind, content: Mapping[str, Any]) -> None:
        """Check content when it is written, before anybody is to receive it.

        Raises:
            InvalidContent: a part is missing, unknown or too long, or its Liquid cannot be parsed.
        """
        rendering.check_content(MessageKind(kind), content)

    async def plan(self, uow: UnitOfWork, messages: Sequence[PlanMessage]) -> tuple[PlannedMessage, ...]:
        """Decide about messages and write them down; return one decision each, in order.

        Set-based: give it thousands at once. Idempotent on ``origin_key``: repeating returns what is there
        and decides nothing again. A refused message is kept with its reason; nothing is sent for it.
        Publishes ``messaging.message_refused``; the dispatcher states the rest.

        Raises:
            OriginKeyConflict: an origin key was used before for another message.
        """
        planned: list[PlannedMessage] = []
        for start in range(0, len(messages), planning.BATCH_MAX):
            planned += await self._planner.plan(uow, messages[start : start + planning.BATCH_MAX])
        await self._ensure_lanes(uow, {m.account_id: capability_of(m.message_kind).channel for m in messages})
        if any(message.created for message in planned):
            self._wake(uow)
        return tuple(planned)

    async def send_one(self, uow: UnitOfWork, command: SendMessage) -> SentMessage:
        """Plan one message an operator wrote; idempotent on the command's key.

        Raises:
            InvalidContent: a part is missing, unknown or too long, or its Liquid cannot be parsed.
            InvalidId: no such person or account, or one whose product does not send the kind.
            OriginKeyConflict: the key was used before for another message.
        """
        self.check_content(command.message_kind, command.content)
        message = PlanMessage(
            origin_key=f"console:{command.key}",
            person_id=PersonId(decode_id("per", command.person_id)),
            account_id=read_account_id(command.message_kind, command.account_id),
            message_kind=command.message_kind,
            content=command.content,
            message_class=command.message_class,
            purpose=command.purpose,
            expires_at=uow.clock.now() + timedelta(seconds=command.expires_after_s),
        )
        (planned,) = await self.plan(uow, [message])
        return SentMessage(
            id=encode_id("msg", planned.message_id),
            state=planned.state,
            reason=planned.reason,
            reason_text=reason_text(planned.reason) if planned.reason else None,
        )

    async def list_messages(
        self,
        uow: UnitOfWork,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        state: MessageState | None = None,
        journey_id: int | None = None,
        person_id: PersonId | None = None,
        channel: Channel | None = None,
    ) -> Page[MessageView]:
        """Return messages, newest first.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        before_id = decode_cursor(cursor, int)[0] if cursor else None
        size = clamp_limit(limit)
        wanted = MessageFilter(
            state=str(state) if state else None,
            channel=str(channel) if channel else None,
            journey_id=journey_id,
            person_id=person_id,
            before_id=before_id,
        )
        rows = await listing.list_messages(await uow.raw(), uow.tenant_id, wanted, rows_max=size + 1)
        shown = rows[:size]
        names = await self._ports.variables.display_names(uow, sorted({row.person_id for row in shown}))
        items = tuple(self._view(uow, row, names.get(row.person_id, "")) for row in shown)
        return Page(items, encode_cursor(shown[-1].id) if len(rows) > size else None)

    async def get_message(self, uow: UnitOfWork, message_id: int) -> MessageDetail:
        """Return one message with every decision about it.

        Raises:
            MessageNotFound: the brand has no such message.
        """
        found = await listing.find_message(await uow.raw(), uow.tenant_id, message_id)
        if found is None:
            raise MessageNotFound(
                f"there is no message {encode_id('msg', message_id)}; it may belong to another brand",
                message_zh="没有这条消息，它可能属于其他品牌",
            )
        row, decisions = found
        names = await self._ports.variables.display_names(uow, [row.person_id])
        view = self._view(uow, row, names.get(row.person_id, ""))
        return MessageDetail(**dict(view), decisions=read_trace(decisions))

    async def summary(
        self, uow: UnitOfWork, *, journey_id: int | None = None, channel: Channel | None = None
    ) -> MessagesSummary:
        """Count messages by state, reason and journey; the counts add up (see ``MessagesSummary``)."""
        tallies = await listing.tally(await uow.raw(), uow.tenant_id, journey_id=journey_id, channel=channel)
        return summarise(tallies)

    async def node_counts(self, uow: UnitOfWork, journey_id: int) -> Mapping[str, Mapping[MessageState, int]]:
        """Count one journey's messages by node and state."""
        counts: dict[str, dict[MessageState, int]] = {}
        for node_id, state, _, count in await listing.tally_nodes(await uow.raw(), uow.tenant_id, journey_id):
            node = counts.setdefault(node_id or "", {})
            node[MessageState(state)] = node.get(MessageState(state), 0) + count
        return counts

    # --- settings -----------------------------------------------------------------------------------------

    async def get_policy(self, uow: UnitOfWork) -> MessagePolicy:
        """Return the brand's rules."""
        return await settings.load_policy(await uow.raw(), uow.tenant_id)

    async def set_policy(self, uow: UnitOfWork, policy: MessagePolicy) -> None:
        """Replace the brand's rules; they bind messages not yet handed over, too."""
        await settings.save_policy(await uow.raw(), uow.tenant_id, policy, now=uow.clock.now())

    async def follow_merges(self, uow: UnitOfWork, moves: Mapping[PersonId, PersonId]) -> None:
        """Move messages, what counts under caps and the blocklist to who these people are now; idempotent.

        Windows belong to addresses, so they need no moving.
        """
        if moves:
            connection = await uow.raw()
            moved = await following.follow_merges(connection, uow.tenant_id, moves)
            await self._move_links(uow, moved)
            await counters.follow_merges(connection, uow.tenant_id, moves)
            await blocks.follow_merges(connection, uow.tenant_id, moves)

    async def follow_splits(
        self,
        uow: UnitOfWork,
        splits: Sequence[tuple[int, int, int]],
        addresses: Sequence[tuple[int, str, int, int]],
    ) -> int:
        """Give people who came apart what is theirs; idempotent.

        ``splits`` are (person id, from, to): what was planned under that id goes along. ``addresses`` are
        (account, address, from, to): messages go with the address they were sent to, also those since.
        Return how many messages moved.
        """
        connection = await uow.raw()
        messages = 0
        if splits:
            moved = await following.follow_splits(connection, uow.tenant_id, splits)
            await self._move_links(uow, moved)
            messages = len(moved)
            parted = sorted({(old, new) for _, old, new in splits})
            await counters.follow_splits(connection, uow.tenant_id, parted)
            await blocks.follow_splits(connection, uow.tenant_id, parted)
        if addresses:
            moves = [
                (account_id, self._sealer.recipient_token(account_id, address), old, new)
                for account_id, address, old, new in addresses
            ]
            went = await following.follow_recipients(connection, uow.tenant_id, moves)
            await self._move_links(uow, went)
            messages += len(went)
        return messages

    async def _move_links(self, uow: UnitOfWork, moved: Mapping[int, PersonId]) -> None:
        """Give the links in messages along with them."""
        if self._ports.links is not None:
            await self._ports.links.follow_messages(uow, moved)

    async def preview(self, uow: UnitOfWork, messages: Sequence[PlanMessage]) -> Sequence[Trial]:
        """Return what would be said; nothing is decided, written or sent, and links lead nowhere."""
        return await self._planner.preview(uow, messages)

    async def find_handed(self, uow: UnitOfWork, message_id: int) -> HandedMessage | None:
        """Return when a message was last handed to the platform, if it was, and whether it was a test."""
        return await sending.find_handed(await uow.raw(), uow.tenant_id, message_id)

    async def take_receipts(
        self, uow: UnitOfWork, account_id: int, receipts: Mapping[str, tuple[str, datetime]]
    ) -> None:
        """Say what became of an account's messages: by message id of the platform, (status, when).

        ``success`` is delivered, everything else failed. Idempotent; receipts that come before the answer
        to the call are kept for it.
        """
        await take_receipts(
            uow,
            [Receipt(account_id, msgid, status, at) for msgid, (status, at) in receipts.items()],
        )

    async def replace_templates(
        self, uow: UnitOfWork, account_id: int, templates: Sequence[TemplateRecord]
    ) -> None:
        """Make the registry equal to what the platform lists for an account; the missing are withdrawn."""
        await settings.save_templates(
            await uow.raw(), uow.tenant_id, account_id, templates, now=uow.clock.now()
        )

    async def list_templates(self, uow: UnitOfWork) -> tuple[TemplateRecord, ...]:
        """Return the brand's templates."""
        return await settings.list_templates(await uow.raw(), uow.tenant_id)

    async def allowances(self, uow: UnitOfWork, account_id: int) -> Allowances:
        """Return how many people an account may write to now, by window and by accepted template."""
        return await settings.count_allowances(
            await uow.raw(), uow.tenant_id, account_id, now=uow.clock.now()
        )

    async def pause_account(self, uow: UnitOfWork, account_id: int) -> None:
        """Hand over nothing more for an account; what is reserved waits, until it expires.

        Raises:
            LaneNotFound: nothing was ever planned for this account.
        """
        await self._change_lane(uow, account_id, paused=True)

    async def resume_account(self, uow: UnitOfWork, account_id: int) -> None:
        """Go on sending for an account.

        Raises:
            LaneNotFound: nothing was ever planned for this account.
        """
        await self._change_lane(uow, account_id, paused=False)
        self._wake(uow)

    async def _change_lane(self, uow: UnitOfWork, account_id: int, *, paused: bool) -> None:
        found = await settings.set_paused(
            await uow.raw(), uow.tenant_id, account_id, paused=paused, now=uow.clock.now()
        )
        if not found:
            raise _no_lane(account_id)

    async def get_hold(self, uow: UnitOfWork) -> HoldView:
        """Return whether all of the brand's sending is held, why, and what waits."""
        found = await find_hold(uow)
        waiting, before = await count_waiting(uow)
        is_restored = found is not None and found.reason is HoldReason.RESTORED
        return HoldView(
            held=found is not None,
            reason=found.reason if found else None,
            since=found.since if found else None,
            made_at=found.made_at if found else None,
            waiting=waiting,
            waiting_since_before=before,
            advice=ADVICE_EN if is_restored else "",
            advice_zh=ADVICE_ZH if is_restored else "",
        )

    async def hold(self, uow: UnitOfWork) -> None:
        """Hold all of the brand's sending; messages go on being planned, wait, and expire. Idempotent."""
        await place_hold(uow, HoldReason.MANUAL)

    async def release(self, uow: UnitOfWork, *, drop_waiting: bool = False) -> None:
        """Let sending go on. ``drop_waiting``: what was planned before the hold is refused. Idempotent."""
        if await lift_hold(uow, drop_waiting=drop_waiting):
            self._wake(uow)

    async def set_rate(self, uow: UnitOfWork, account_id: int, rate_per_s: float | None) -> None:
        """Limit how many messages an account sends in a second; ``None``: the deployment's default.

        Raises:
            LaneNotFound: nothing was ever planned for this account.
        """
        found = await settings.set_rate(
            await uow.raw(), uow.tenant_id, account_id, rate_per_s=rate_per_s, now=uow.clock.now()
        )
        if not found:
            raise _no_lane(account_id)

    async def list_lanes(self, uow: UnitOfWork) -> tuple[LaneView, ...]:
        """Return how each account's sending is doing."""
        return await settings.view_lanes(await uow.raw(), uow.tenant_id)

    # --- private ------------------------------------------------------------------------------------------

    def _wake(self, uow: UnitOfWork) -> None:
        for listener in self._on_planned:
            uow.after_commit(listener)

    async def _ensure_lanes(self, uow: UnitOfWork, channels: Mapping[int, Channel]) -> None:
        for account_id in sorted(channels):
            lane = (int(uow.tenant_id), account_id)
            if lane not in self._lanes_known:
                await sending.ensure_lane(
                    await uow.raw(),
                    uow.tenant_id,
                    account_id,
                    channel=str(channels[account_id]),
                    now=uow.clock.now(),
                )
                uow.after_commit(partial(self._lanes_known.add, lane))

    def _view(self, uow: UnitOfWork, row: ListedIntent, display_name: str) -> MessageView:
        return MessageView(
            id=encode_id("msg", row.id),
            person_id=encode_id("per", row.person_id),
            display_name=display_name,
            channel=Channel(row.channel),
            kind=MessageKind(row.kind),
            message_class=MessageClass(row.message_class),
            purpose=purpose_of(MessageClass(row.message_class), row.purpose),
            state=MessageState(row.state),
            reason=row.reason,
            reason_text=reason_text(row.reason) if row.reason else None,
            detail=row.detail,
            code=row.code,
            body=self._body(uow, row),
            planned_at=row.planned_at,
            due_at=row.due_at,
            updated_at=row.updated_at,
            attempts=row.attempts,
            journey_id=encode_id("jrn", row.journey_id) if row.journey_id is not None else None,
            node_id=row.node_id,
            is_test=row.origin_key.startswith(TEST_PREFIX),
        )

    def _body(self, uow: UnitOfWork, row: ListedIntent) -> str | None:
        if row.sealed is None:
            return None
        try:
            return self._sealer.open(uow.tenant_id, row.id, row.sealed).preview
        except CannotOpen:  # Its key was erased: the message stays countable, its words are gone.
            return None


def _no_lane(account_id: int) -> LaneNotFound:
    account = encode_id("oac", account_id)
    return LaneNotFound(
        f"nothing was ever planned for the account {account}", message_zh=f"账号 {account} 还没有任何消息"
    )
