"""What people say of consent in events and replies, written into the ledger."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.people.consent.contracts import (
    GRANTED,
    WITHDRAWN,
    ConsentChannel,
    ConsentSource,
    ConsentState,
    Saying,
)
from quanyu.modules.people.consent.rules import MARKETING, is_stop_word, purposes_of_categories
from quanyu.modules.people.consent.service import Consent

_log = get_logger("people.consent")

# Segment's name for "somebody changed their choice", which stands in context.consent.categoryPreferences.
# Source: its consent management specification, public documentation read 2026-11.
PREFERENCE_UPDATED: Final = "Segment Consent Preference Updated"
_REPLIES: Final = {
    "wechat.official_account.message_received": ConsentChannel.OFFICIAL_ACCOUNT,
    "wechat.mini_program.message_received": ConsentChannel.MINI_PROGRAM,
    "channels.sms_received": ConsentChannel.SMS,
}
_STATES: Final = {GRANTED: ConsentState.GRANTED, WITHDRAWN: ConsentState.WITHDRAWN}
_PURPOSES_PER_EVENT_MAX: Final = 20


class ConsentSubscriber:
    """Hears consent events and the words by which people ask to be left alone.

    Unfollowing is no withdrawal: whoever follows again hears from the brand as before.
    """

    name = "people.consent"
    after = ()

    def __init__(self, consent: Consent) -> None:
        self._consent = consent

    def wants(self, event_name: str) -> bool:
        """Whether events of this name may tell of consent."""
        return event_name in _STATES or event_name in _REPLIES or event_name == PREFERENCE_UPDATED

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing has to be asked outside a transaction."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Write what was said; the operation derives from the event, so hearing it again adds nothing.

        A statement about a purpose or text the brand does not have is left out and counted in the log.
        """
        telling = [event for event in events if event.person_id is not None and _tells(event)]
        if not telling:
            return
        categories = {one.key: one.categories for one in (await self._consent.purposes(uow)).items}
        for event in telling:
            for saying in _sayings(event, categories):
                at = min(saying.occurred_at, uow.clock.now())
                try:
                    await self._consent.say(uow, saying.model_copy(update={"occurred_at": at}))
                except AppError as error:  # It cannot be taken now nor later; the event itself is kept.
                    _log.warning("people.consent_not_taken", reason=error.code, position=event.position)


def _tells(event: LogEvent) -> bool:
    channel = _REPLIES.get(event.name)
    return channel is None or is_stop_word(str(event.properties.get("content", "")), channel)


def _sayings(event: LogEvent, categories: Mapping[str, Sequence[str]]) -> Iterator[Saying]:
    if event.name in _REPLIES:
        channel = _REPLIES[event.name]
        yield _saying(event, MARKETING, channel, ConsentState.WITHDRAWN, source=ConsentSource.REPLY)
        return
    channel = _channel_of(event)
    if event.name == PREFERENCE_UPDATED:
        for purpose, agreed in purposes_of_categories(_preferences(event), categories).items():
            state = ConsentState.GRANTED if agreed else ConsentState.WITHDRAWN
            yield _saying(event, purpose, channel, state)
        return
    said = event.properties.get("purpose")
    purposes = said if isinstance(said, list) else [said]
    for one in purposes[:_PURPOSES_PER_EVENT_MAX]:
        if isinstance(one, str):
            yield _saying(event, one, channel, _STATES[event.name])


def _saying(
    event: LogEvent,
    purpose: str,
    channel: ConsentChannel,
    state: ConsentState,
    *,
    source: ConsentSource = ConsentSource.EVENT,
) -> Saying:
    assert event.person_id is not None
    version = event.properties.get("text_version")
    return Saying(
        person_id=PersonId(event.person_id),
        operation_id=f"event:{event.source}:{event.message_id}:{purpose}",
        purpose=purpose,
        channel=channel,
        state=state,
        text_version=version if isinstance(version, int) and not isinstance(version, bool) else None,
        source=source,
        occurred_at=event.occurred_at,
        evidence={"event": event.name, "source": event.source, "message_id": event.message_id},
    )


def _channel_of(event: LogEvent) -> ConsentChannel:
    try:
        return ConsentChannel(str(event.properties.get("channel") or ConsentChannel.ALL))
    except ValueError:
        return ConsentChannel.ALL


def _preferences(event: LogEvent) -> Mapping[str, Any]:
    try:
        found = json.loads(event.context.get("consent", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
