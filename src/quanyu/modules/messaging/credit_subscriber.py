"""What people answer when asked for subscribe messages, counted as credits."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.messaging import credits as rules
from quanyu.modules.messaging.credits import Answer
from quanyu.modules.messaging.ports import Recipients
from quanyu.modules.messaging.queries import credits, settings
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.subscribers import ANSWERED, CHANGED, SENT, Act, acts_of, items_of

_EVENTS: Final = ANSWERED | CHANGED | SENT
_ACCEPT: Final = "accept"
_REJECT: Final = "reject"


class CreditSubscriber:
    """Counts accepts, withdrawals, and what other software sent."""

    name = "messaging.credits"
    # A newcomer's openid must be known before they can have a credit.
    after = ("channels.followers",)

    def __init__(self, recipients: Recipients, sealer: Sealer) -> None:
        self._recipients = recipients
        self._sealer = sealer

    def wants(self, event_name: str) -> bool:
        """Whether events of this name are about subscribe messages."""
        return event_name in _EVENTS

    async def prepare(self, tenant_id: TenantId, events: Sequence[LogEvent]) -> None:
        """Nothing has to be asked outside a transaction."""

    async def apply(self, uow: UnitOfWork, events: Sequence[LogEvent], prepared: Any) -> None:
        """Write credits, in the order of the log; an event counted before changes nothing."""
        mine = [event for event in events if event.name in _EVENTS]
        said = [
            (act, item)
            for act in await acts_of(uow, self._recipients, self._sealer, mine)
            for item in items_of(act.event)
            if item.get("template_id")
        ]
        if not said:
            return
        connection = await uow.raw()
        template_ids = sorted({str(item["template_id"]) for _, item in said})
        templates = await settings.find_templates(connection, uow.tenant_id, template_ids)
        sent = [_sent(act, item) for act, item in said if act.event.name in SENT and item.get("msgid")]
        elsewhere = await credits.sent_elsewhere(connection, uow.tenant_id, sent)
        known = await credits.lock_credits(
            connection, uow.tenant_id, sorted({_key(act, item) for act, item in said})
        )
        changed = dict[credits.CreditKey, rules.Credit]()
        for act, item in said:
            answer, key = _answer(act, item, elsewhere), _key(act, item)
            if answer is None or (answer is Answer.SENT_ELSEWHERE and key not in known):
                continue
            template = templates.get((act.account_id, key[2]))
            known[key] = changed[key] = rules.told(
                known.get(key),
                answer,
                person_id=act.person_id,
                at=act.event.occurred_at,
                position=act.event.position,
                long_term=template is not None and template.long_term,
            )
        await credits.save_credits(connection, uow.tenant_id, changed)


def _key(act: Act, item: Mapping[str, Any]) -> credits.CreditKey:
    return (act.account_id, act.recipient, str(item["template_id"]))


def _sent(act: Act, item: Mapping[str, Any]) -> tuple[int, bytes, int, str, str]:
    msgid = str(item.get("msgid", ""))
    return (act.account_id, act.recipient, act.person_id, str(item["template_id"]), msgid)


def _answer(act: Act, item: Mapping[str, Any], elsewhere: set[tuple[int, str]]) -> Answer | None:
    """Return what an item says; a refusal in a popup takes nothing back that was given before."""
    said = item.get("answer")
    if act.event.name in SENT:
        was_elsewhere = (act.account_id, str(item.get("msgid", ""))) in elsewhere
        return Answer.SENT_ELSEWHERE if was_elsewhere else None
    if act.event.name in ANSWERED:
        return Answer.ACCEPTED if said == _ACCEPT else None
    return {_ACCEPT: Answer.ALLOWED, _REJECT: Answer.WITHDRAWN}.get(str(said))
