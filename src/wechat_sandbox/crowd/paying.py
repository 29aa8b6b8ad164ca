"""How people behave before a payment sheet. Pure: a person and random numbers in, what they do out."""

import random
from dataclasses import dataclass

from wechat_sandbox.crowd.people import Person

PAID, CANCEL, FAIL = "paid", "cancel", "fail"


@dataclass(frozen=True, slots=True)
class Habit:
    """What a person does with a payment, and so many seconds after it was asked for."""

    outcome: str
    after_s: float


def plan_payment(person: Person, draw: random.Random) -> Habit:
    """Most pay at once; some come back to it later, some leave it, few have no money on the card."""
    chance = draw.random()
    if chance < 0.04:
        return Habit(FAIL, 8 + draw.random() * 20)
    if chance < 0.10 + 0.12 * person.thrift:
        return Habit(CANCEL, 5 + draw.random() * 60)
    if chance < 0.25:
        return Habit(PAID, 600 + draw.expovariate(1 / 1800))
    return Habit(PAID, 6 + draw.random() * 25)
