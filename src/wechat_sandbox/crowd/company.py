"""How people and the staff of companies decide. Pure: who they are and random numbers in, acts out."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from wechat_sandbox.clock import CHINA
from wechat_sandbox.crowd.people import Person, stream

_OPENING_H, _CLOSING_H = 9, 21
_REPLIES = ("您好，有货的", "今天下单明天发出", "已经帮您登记了", "欢迎到店试饮", "好的，稍等我查一下")
_QUESTIONS = ("在吗？", "有新品吗", "桂花乌龙还有货吗", "多久发货", "可以开发票吗", "谢谢", "门店几点关门")
_CHATTER = ("早上好", "这款好喝", "有一起拼单的吗", "收到了，包装不错", "周末有活动吗", "求推荐")
_COMMENTS = ("想买", "看着不错", "在哪家店", "已下单")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a member of the staff works."""

    diligence: float  # Chance to do what the client asks for.
    delay_s: float  # After about so long.
    answers: float  # Chance to answer a customer.
    hosting: float  # Chance to open a group once there are customers for one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a person finds at a company."""

    members: int  # Of the staff, whom they have added.
    groups: int  # They sit in.
    has_ways: bool
    has_join_ways: bool
    has_kf: bool


@dataclass(frozen=True, slots=True)
class AddMember:
    """Add somebody of the staff: by a code of the company, chosen by ``pick``, or by search."""

    pick: float
    by_code: bool


@dataclass(frozen=True, slots=True)
class DeleteMember:
    """Delete one of the members one has."""

    pick: float


@dataclass(frozen=True, slots=True)
class WriteMember:
    """Write to one of the members one has."""

    pick: float
    text: str


@dataclass(frozen=True, slots=True)
class ScanJoinWay:
    """Scan a code that leads into groups."""

    pick: float


@dataclass(frozen=True, slots=True)
class LeaveGroup:
    """Leave one of one's groups."""

    pick: float


@dataclass(frozen=True, slots=True)
class SayInGroup:
    """Write into one of one's groups."""

    pick: float
    text: str


@dataclass(frozen=True, slots=True)
class WriteKf:
    """Open a chat of 微信客服 and write."""

    pick: float
    text: str


CorpAct = AddMember | DeleteMember | WriteMember | ScanJoinWay | LeaveGroup | SayInGroup | WriteKf


def habits_of(seed: int, corpid: str, userid: str) -> Habits:
    """Return the habits of a member, the same ones each time."""
    draw = stream(seed, "staff", corpid, userid)
    return Habits(
        diligence=draw.uniform(0.55, 0.98),
        delay_s=draw.choice((900.0, 2400.0, 7200.0, 18_000.0)),
        answers=draw.uniform(0.6, 0.95),
        hosting=draw.choice((0.0, 0.1, 0.25)),
    )


def plan_visit(person: Person, standing: Standing, draw: random.Random) -> CorpAct | None:
    """Decide what somebody does with a company on a day they think of the brand, if anything."""
    pick = draw.random()
    if not standing.members:
        if draw.random() < 0.25:
            return AddMember(pick, by_code=standing.has_ways and draw.random() < 0.8)
        return _plan_stranger(standing, draw, pick)
    chance = draw.random()
    if chance < 0.01:
        return DeleteMember(pick)
    if chance < 0.02 and standing.groups:
        return LeaveGroup(pick)
    if chance < 0.02 + person.chattiness:
        return WriteMember(pick, draw.choice(_QUESTIONS))
    if chance < 0.02 + 3 * person.chattiness and standing.groups:
        return SayInGroup(pick, draw.choice(_CHATTER))
    if chance > 0.9 and standing.has_join_ways and standing.groups < 2:
        return ScanJoinWay(pick)
    if chance > 0.87 and standing.has_ways:
        return AddMember(pick, by_code=True)
    return None


def _plan_stranger(standing: Standing, draw: random.Random, pick: float) -> CorpAct | None:
    if standing.has_kf and draw.random() < 0.06:
        return WriteKf(pick, draw.choice(_QUESTIONS))
    if standing.has_join_ways and draw.random() < 0.05:
        return ScanJoinWay(pick)
    return None


def plan_task(habits: Habits, at: float, draw: random.Random) -> float | None:
    """Return when a member does what they are asked to, at work, or None for never."""
    willing, delay_s = draw.random() < habits.diligence, draw.expovariate(1.0 / habits.delay_s)
    return _at_work(at + 30.0 + delay_s, draw) if willing else None


def plan_answer(habits: Habits, at: float, draw: random.Random) -> tuple[float, str] | None:
    """Return when and what a member answers a customer, or None for never."""
    willing, delay_s = draw.random() < habits.answers, draw.expovariate(1.0 / 240.0)
    text = draw.choice(_REPLIES)
    return (_at_work(at + 10.0 + delay_s, draw), text) if willing else None


def plan_reaction(person: Person, at: float, draw: random.Random) -> tuple[float, str] | None:
    """Return when somebody reacts to a moment they see, and with which words; no words are a like."""
    chance, words = draw.random(), draw.choice(_COMMENTS)
    if chance > 0.08 + 2 * person.sharing:
        return None
    return at + draw.expovariate(1.0 / 5400.0), words if chance < person.chattiness else ""


def plan_after_mass(
    person: Person, tired: int, at: float, draw: random.Random
) -> tuple[float, CorpAct] | None:
    """Decide what a mass message leads to: a question, or the end when there were too many of them."""
    when, chance = at + draw.expovariate(1.0 / 3600.0), draw.random()
    if tired and chance < 0.1 * tired:
        return when, DeleteMember(0.0)
    if chance < 0.03 + person.chattiness / 2:
        return when, WriteMember(0.0, draw.choice(_QUESTIONS))
    return None


def plan_kf_answer(person: Person, at: float, draw: random.Random) -> tuple[float, str] | None:
    """Decide whether a customer of 微信客服 asks on after an answer."""
    if draw.random() > 0.3 + person.chattiness:
        return None
    return at + draw.expovariate(1.0 / 90.0), draw.choice(_QUESTIONS)


def leaves_after_s(draw: random.Random, pace: float) -> float:
    """Return for how long a member stays: about a year and a half."""
    return draw.expovariate(1.0 / (540 * 86_400.0)) / pace


def _at_work(at: float, draw: random.Random) -> float:
    """Return an instant, moved to the next morning when the shop is closed."""
    local = datetime.fromtimestamp(at, CHINA)
    if _OPENING_H <= local.hour < _CLOSING_H:
        return at
    morning = local.replace(hour=_OPENING_H, minute=0, second=0, microsecond=0)
    if local.hour >= _CLOSING_H:
        morning += timedelta(days=1)
    return morning.timestamp() + draw.uniform(60.0, 2700.0)
