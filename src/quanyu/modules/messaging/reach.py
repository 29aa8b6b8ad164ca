"""How somebody can be reached now: by which account and kind of message, or why not. Nothing is taken."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.messaging.capabilities import CAPABILITIES, FieldsRule, Need
from quanyu.modules.messaging.contracts import (
    ACCOUNT_PREFIXES,
    Channel,
    LaneView,
    MessageClass,
    MessageKind,
    ReasonText,
    RefusalReason,
    TemplateRecord,
)
from quanyu.modules.messaging.governor import (
    QUIET,
    Decision,
    Draft,
    Governor,
    Held,
    Refused,
    Reserved,
)
from quanyu.modules.messaging.ports import Recipient, Recipients
from quanyu.modules.messaging.queries import settings
from quanyu.modules.messaging.reasons import reason_text
from quanyu.modules.messaging.sealing import Sealer

_WITHIN: Final = timedelta(hours=72)  # A message asked about may wait this long.


class Reachable(StrEnum):
    """Whether a message would go out."""

    NOW = "now"
    LATER = "later"
    NO = "no"


class Way(BaseModel):
    """One way to write to a person, and what the governor would say of a message by it."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    channel: Channel
    kind: MessageKind
    template_id: str | None = None  # Of kinds that need a template.
    template_title: str | None = None
    reachable: Reachable
    reason: str | None = None  # Why not, or what it waits for.
    reason_text: ReasonText | None = None
    detail: str | None = None
    until: datetime | None = None  # When it would go out, if later.


class Reach(BaseModel):
    """Every way to write to one person, at one instant."""

    model_config = ConfigDict(frozen=True)

    as_of: datetime
    message_class: MessageClass
    purpose: str = Field(description="Empty: that of the class.")
    ways: tuple[Way, ...]


class ReachDesk:
    """Answers how people can be reached."""

    def __init__(self, governor: Governor, recipients: Recipients, sealer: Sealer) -> None:
        self._governor = governor
        self._recipients = recipients
        self._sealer = sealer

    async def of(
        self,
        uow: UnitOfWork,
        person_id: PersonId,
        *,
        message_class: MessageClass = MessageClass.MARKETING,
        purpose: str = "",
    ) -> Reach:
        """Return by which accounts the brand sends from a person can be written to now, and why not.

        Contents are not known, so values a template lacks and words said twice are not looked for.
        """
        connection = await uow.raw()
        templates = await settings.list_templates(connection, uow.tenant_id)
        ways = [
            (lane, kind, template)
            for lane in await settings.view_lanes(connection, uow.tenant_id)
            for kind, template in _kinds_of(lane, templates)
        ]
        found: dict[int, Recipient | None] = {}
        for account_id in sorted({lane.account_id for lane, _, _ in ways}):
            recipients = await self._recipients.resolve(uow, account_id, [person_id])
            found[account_id] = recipients.get(person_id)
        drafts = []
        for number, (lane, kind, template) in enumerate(ways):
            recipient = found[lane.account_id]
            drafts.append(
                Draft(
                    id=number,
                    origin_key=f"reach:{number}",
                    person_id=person_id,
                    account_id=lane.account_id,
                    kind=kind,
                    message_class=message_class,
                    purpose=purpose,
                    journey_id=None,
                    expires_at=uow.clock.now() + _WITHIN,
                    template_id=template.template_id if template else None,
                    template_fields=frozenset(template.fields if template else ()),
                    recipient=self._token(lane.account_id, recipient),
                    is_subscribed=recipient is not None and recipient.subscribed,
                    unrenderable=None,
                    digest=b"",
                    campaign="",
                )
            )
        decisions = await self._governor.foresee(uow, drafts)
        return Reach(
            as_of=uow.clock.now(),
            message_class=message_class,
            purpose=purpose,
            ways=tuple(_way(*way, decision) for way, decision in zip(ways, decisions, strict=True)),
        )

    def _token(self, account_id: int, recipient: Recipient | None) -> bytes | None:
        return None if recipient is None else self._sealer.recipient_token(account_id, recipient.address)


def _kinds_of(
    lane: LaneView, templates: Sequence[TemplateRecord]
) -> list[tuple[MessageKind, TemplateRecord | None]]:
    """Return one kind for all that need the same and no template, and each template that is still there."""
    free: dict[Need, MessageKind] = {}
    for line in CAPABILITIES.values():
        if line.channel is lane.channel and line.fields is FieldsRule.FREE:
            free.setdefault(line.need, line.kind)
    return [
        *((kind, None) for kind in free.values()),
        *(
            (one.message_kind, one)
            for one in templates
            if one.account_id == lane.account_id and one.withdrawn_at is None
        ),
    ]


def _way(lane: LaneView, kind: MessageKind, template: TemplateRecord | None, decision: Decision) -> Way:
    reachable, reason, detail, until = _told(decision)
    return Way(
        account_id=encode_id(ACCOUNT_PREFIXES[lane.channel], lane.account_id),
        channel=lane.channel,
        kind=kind,
        template_id=template.template_id if template else None,
        template_title=template.title if template else None,
        reachable=reachable,
        reason=reason,
        reason_text=reason_text(reason) if reason else None,
        detail=detail,
        until=until,
    )


def _told(decision: Decision) -> tuple[Reachable, str | None, str | None, datetime | None]:
    match decision:
        case Refused(reason, detail):
            return Reachable.NO, str(reason), detail, None
        case Held(until, why):
            capped = why != QUIET
            reason = RefusalReason.FREQUENCY_CAPPED if capped else RefusalReason.QUIET_HOURS
            return Reachable.LATER, str(reason), why if capped else None, until
        case Reserved():
            return Reachable.NOW, None, None, None
