"""Somebody's way as far as it is known, and what comes of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from quanyu.kernel.ids import PersonId
from quanyu.modules.journeys.definition import Condition, Definition, Node, Split, WaitEvent
from quanyu.modules.journeys.drawing import lot_of
from quanyu.modules.journeys.queries.changes import ChangeRow
from quanyu.modules.journeys.queries.enrolments import Enrolment, Move, storable_json
from quanyu.modules.journeys.rules import Advance, Answers, SendEffect, advance, origin_key
from quanyu.modules.messaging.capabilities import read_account_id
from quanyu.modules.messaging.contracts import MessageClass, PlanMessage


@dataclass(slots=True)
class Plan:
    """Somebody's way as far as it is known, with the answers given so far."""

    enrolment: Enrolment
    definition: Definition
    answers: Answers
    result: Advance

    def answer(self, now: datetime, **more: Any) -> None:
        """Add answers, and go on as far as they lead."""
        self.answers = replace(self.answers, **more)
        self.result = advance(self.definition, self.enrolment.state, self.answers, now)

    @property
    def asked_node(self) -> Node | None:
        """The node that must be answered for."""
        return self.definition.nodes[self.result.state.node] if self.result.asks else None

    @property
    def asks_here(self) -> bool:
        """Whether what is asked is known in the very transaction that moves people."""
        return self.asked_node is not None and not isinstance(self.asked_node, Condition | Split)


def plan_of(one: Enrolment, definition: Definition, zone: ZoneInfo | None, now: datetime) -> Plan:
    """Return how far somebody gets before something must be asked."""
    answers = Answers(matched=one.matched, lot=_lot(one), zone=zone)
    return Plan(one, definition, answers, advance(definition, one.state, answers, now))


def standing_before(plan: Plan) -> Plan:
    """Return a plan that starts at the condition somebody has come to."""
    enrolment = replace(plan.enrolment, state=plan.result.state, matched=None)
    learned = _learned(plan)
    if learned:
        variables = {**msgspec.json.decode(enrolment.variables), **learned}
        enrolment = replace(enrolment, variables=storable_json(variables))
    answers = Answers(lot=plan.answers.lot, zone=plan.answers.zone)
    return Plan(enrolment, plan.definition, answers, Advance(plan.result.state, (), (), asks=True))


def _lot(one: Enrolment) -> str:
    return lot_of(one.journey_id, one.person_id)


def move_of(plan: Plan, ask_again_at: datetime) -> Move:
    """Return where somebody goes; who must be asked something is looked at again at ``ask_again_at``."""
    state = plan.result.state
    awaits = None
    if state.is_awaiting:
        node = plan.definition.nodes[state.node]
        assert isinstance(node, WaitEvent)
        awaits = node.event
    return Move(
        enrolment=plan.enrolment,
        state=state,
        due_at=ask_again_at if plan.result.asks else state.wake_at,
        steps=plan.result.steps,
        awaits=awaits,
        variables=_learned(plan),
    )


def _learned(plan: Plan) -> Mapping[str, Any] | None:
    matched = plan.result.matched
    return {"matched": matched.variables} if matched else None


def message_of(plan: Plan, effect: SendEffect, now: datetime) -> PlanMessage:
    """Return the message a step plans."""
    one, send = plan.enrolment, effect.send
    return PlanMessage(
        origin_key=origin_key(one.id, effect.seq),
        person_id=PersonId(one.person_id),
        account_id=read_account_id(send.message_kind, send.account_id),
        message_kind=send.message_kind,
        content=send.content,
        variables=_variables(one, effect),
        message_class=MessageClass(send.message_class),
        purpose=send.purpose,
        journey_id=one.journey_id,
        node_id=effect.node,
        expires_at=now + timedelta(seconds=send.expires_after_s),
    )


def changes_of(plan: Plan, now: datetime) -> list[ChangeRow]:
    """Return what the steps of a move change of the person."""
    one = plan.enrolment
    return [
        ChangeRow(
            enrolment_id=one.id,
            seq=effect.seq,
            journey_id=one.journey_id,
            node=effect.node,
            person_id=one.person_id,
            change=effect.change.model_dump(mode="json"),
            at=now,
        )
        for effect in plan.result.changes
    ]


def _variables(enrolment: Enrolment, effect: SendEffect) -> Mapping[str, Any]:
    """``event`` let the person in, ``matched`` is what they were last waited for; both may be empty."""
    variables = {"event": {}, "matched": {}, **msgspec.json.decode(enrolment.variables)}
    return {**variables, "matched": effect.matched.variables} if effect.matched else variables
