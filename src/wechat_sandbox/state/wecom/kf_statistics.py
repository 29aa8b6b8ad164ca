"""Figures of 微信客服 by day, counted from what happened. Source: official pages D 95489, 95490."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from wechat_sandbox.clock import DAY_S
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import Fact, FactKind
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.kf_book import CUSTOMER, SERVICER, KfBook, KfMessage
from wechat_sandbox.state.wecom.kf_upgrades import GROUP, MEMBER

_KINDS = (
    FactKind.KF_SESSION, FactKind.KF_SERVED, FactKind.KF_UPGRADE, FactKind.KF_UPGRADED, FactKind.KF_ASKED,
    FactKind.KF_RATED, FactKind.KF_REFUSED,
)  # fmt: skip
Figures = list[tuple[float, dict[str, object]]]


@dataclass(slots=True)
class _Day:
    """What one day brought."""

    facts: list[Fact] = field(default_factory=list)
    said: list[KfMessage] = field(default_factory=list)

    def of(self, *kinds: FactKind) -> list[list[str]]:
        """Return the parts of the references of some facts: account, customer, servicer."""
        return [fact.ref.split("\0") for fact in self.facts if fact.kind in kinds]

    def upgrades(self, kind: FactKind, target: int, mine: set[tuple[str, str]]) -> list[str]:
        """Return the customers offered a member or a group, or who took one: once for each time."""
        refs = (fact.ref.split("\0") for fact in self.facts if (fact.kind, fact.source) == (kind, target))
        return [customer for account, customer in refs if (account, customer) in mine]

    def heard(self) -> list[KfMessage]:
        return [message for message in self.said if message.origin == CUSTOMER]


def corp_days(world: Core, corp: Corp, book: KfBook, open_kfid: str, days: list[float]) -> Figures:
    """Return each day's figures of an account, or of all."""
    figures: Figures = []
    for midnight in days:
        day = _collect(world, corp, book, open_kfid, midnight)
        heard = day.heard()
        figures.append(
            (
                midnight,
                {
                    "session_cnt": len(day.of(FactKind.KF_SESSION)),
                    "customer_cnt": len({message.external_userid for message in heard}),
                    "customer_msg_cnt": len(heard),
                    "upgrade_service_customer_cnt": len({ref[1] for ref in day.of(FactKind.KF_UPGRADED)}),
                    "ai_session_reply_cnt": 0,
                    "ai_transfer_rate": 0.0,
                    "ai_knowledge_hit_rate": 0.0,
                    "msg_rejected_customer_cnt": len({ref[1] for ref in day.of(FactKind.KF_REFUSED)}),
                },
            )
        )
    return figures


def servicer_days(
    world: Core, corp: Corp, book: KfBook, open_kfid: str, userid: str, days: list[float]
) -> Figures:
    """Return each day's figures of a servicer, or of all."""
    figures: Figures = []
    for midnight in days:
        day = _collect(world, corp, book, open_kfid, midnight)
        served = [ref for ref in day.of(FactKind.KF_SERVED) if not userid or ref[2] == userid]
        mine = {(ref[0], ref[1]) for ref in served}
        heard = [message for message in day.heard() if _is_of(message, mine)]
        answered = _answered(day, userid)
        waits = _first_waits(day, answered)
        asked = [ref for ref in day.of(FactKind.KF_ASKED) if (ref[0], ref[1]) in mine]
        scores = [fact.source for fact in day.facts if fact.kind is FactKind.KF_RATED and _rated(fact, mine)]
        figures.append(
            (
                midnight,
                {
                    "session_cnt": len(served),
                    "customer_cnt": len({ref[1] for ref in served}),
                    "customer_msg_cnt": len(heard),
                    "reply_rate": _share(len(answered & {ref[1] for ref in served}), len(mine)),
                    "first_reply_average_sec": sum(waits) / len(waits) if waits else 0.0,
                    "satisfaction_investgate_cnt": len(asked),  # The platform's own spelling.
                    "satisfaction_participation_rate": _share(len(scores), len(asked)),
                    "satisfied_rate": _share(scores.count(1), len(scores)),
                    "middling_rate": _share(scores.count(2), len(scores)),
                    "dissatisfied_rate": _share(scores.count(3), len(scores)),
                    "upgrade_service_customer_cnt": len(
                        {ref[1] for ref in day.of(FactKind.KF_UPGRADED) if (ref[0], ref[1]) in mine}
                    ),
                    **_upgrade_figures(day, mine),
                    "msg_rejected_customer_cnt": len(
                        {ref[1] for ref in day.of(FactKind.KF_REFUSED) if (ref[0], ref[1]) in mine}
                    ),
                },
            )
        )
    return figures


def _collect(world: Core, corp: Corp, book: KfBook, open_kfid: str, midnight: float) -> _Day:
    until = midnight + DAY_S
    facts = world.facts.between(corp.corpid, _KINDS, midnight, until)
    accounts = [open_kfid] if open_kfid else [account.open_kfid for account in book.accounts()]
    said = [
        message
        for one in accounts
        for _, message in book.log(one).all()
        if midnight <= message.send_time < until and message.msgtype != "event"
    ]
    return _Day([fact for fact in facts if not open_kfid or fact.ref.startswith(f"{open_kfid}\0")], said)


def _upgrade_figures(day: _Day, mine: set[tuple[str, str]]) -> dict[str, int]:
    """Return how often members and groups were offered, and how many customers took them."""
    figures = {}
    for name, target in (("member", MEMBER), ("groupchat", GROUP)):
        offered = day.upgrades(FactKind.KF_UPGRADE, target, mine)
        taken = day.upgrades(FactKind.KF_UPGRADED, target, mine)
        figures[f"upgrade_service_{name}_invite_cnt"] = len(offered)
        figures[f"upgrade_service_{name}_customer_cnt"] = len(set(taken))
    return figures


def _is_of(message: KfMessage, mine: set[tuple[str, str]]) -> bool:
    return any(customer == message.external_userid for _, customer in mine)


def _answered(day: _Day, userid: str) -> set[str]:
    return {
        message.external_userid
        for message in day.said
        if message.origin == SERVICER and (not userid or message.servicer == userid)
    }


def _first_waits(day: _Day, customers: Iterable[str]) -> list[int]:
    """Return how long each customer waited for the first answer of the day."""
    waits = []
    for customer in customers:
        mine = [message for message in day.said if message.external_userid == customer]
        heard = next((one.send_time for one in mine if one.origin == CUSTOMER), None)
        answered = next((one.send_time for one in mine if one.origin == SERVICER), None)
        if heard is not None and answered is not None and answered >= heard:
            waits.append(answered - heard)
    return waits


def _rated(fact: Fact, mine: set[tuple[str, str]]) -> bool:
    parts = fact.ref.split("\0")
    return (parts[0], parts[1]) in mine


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
