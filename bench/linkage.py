"""Finding who is one person among generated customers, against adding up likenesses of the same pairs.

PEOPLE customers with Chinese names, phones, birthdays, cities, addresses and e-mail addresses are drawn by
seed. A fifth of them are there twice, the second time as people tell it at another counter: a character heard
wrong, a digit missed, a birthday by the lunar calendar, a field left out. Measured is all of it: keys, pairs,
scores. The yardstick scores the same pairs by the sum of Jaro–Winkler likenesses, with the threshold that
suits it best. Both are checked against the truth: finding people less well than the sum counts as wrong.

Run: ``python -m bench.linkage [PEOPLE]``. Prints a JSON line.
"""

import random
import sys
import time
from datetime import date, timedelta

from rapidfuzz.distance import JaroWinkler

from bench.support import Aim, Result, WrongResult, report, say
from quanyu.modules.people.matching.blocking import Blocks
from quanyu.modules.people.matching.model import FIELDS, CountedValues, Model, Record

PEOPLE = 100_000
TWICE = 0.2
CERTAIN = 0.5
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程"
_GIVEN = (
    "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国"
    "志文辉力波宁贵福生龙元全胜学祥才发武新利清飞彬"
)
_CITIES = ("杭州", "上海", "北京", "广州", "深圳", "成都", "武汉", "西安", "南京", "苏州", "宁波", "长沙")
_STREETS = ("中山", "解放", "人民", "建设", "和平", "新华", "文化", "长江", "黄河", "南京", "北京", "延安")
_HOSTS = ("qq.com", "163.com", "126.com", "sina.com")

Pair = tuple[int, int]


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    records, truth = draw(people)
    say(f"{len(records):,} records of {people:,} people, {len(truth):,} pairs to find")

    started = time.perf_counter()
    blocks = Blocks(records)
    pairs = list(blocks.pairs())
    blocked = time.perf_counter()
    found = Model(CountedValues(records)).matches(records, pairs, at_least=CERTAIN)
    ended = time.perf_counter()
    say(f"the sum of likenesses of the same {len(pairs):,} pairs")
    sums = [(likeness(records[a], records[b]), (a, b)) for a, b in pairs]
    summed = time.perf_counter()

    ours = f1({(match.a, match.b) for match in found}, truth)
    best = max(
        (f1({pair for total, pair in sums if total >= least / 4}, truth), least / 4) for least in range(4, 24)
    )
    covered = len(truth & set(pairs)) / len(truth)

    def check() -> None:
        if ours < best[0]:
            raise WrongResult(f"F1 {ours:.4f}, the sum of likenesses has {best[0]:.4f}")

    report(
        Result(
            name="linkage",
            figure=round(len(records) / (ended - started)),
            unit="people/s",
            yardstick=round(len(records) / (blocked - started + summed - ended)),
            yardstick_name="the same pairs, sum of Jaro–Winkler likenesses",
            aim=Aim(ratio_min=0.25),
            details={
                "F1": round(ours, 4),
                "F1 of the sum": round(best[0], 4),
                "true pairs compared": round(covered, 4),
                "pairs": len(pairs),
                "blocks dropped": blocks.dropped,
                "keys and pairs, s": round(blocked - started, 1),
                "scores, s": round(ended - blocked, 1),
            },
        ),
        check,
    )


def draw(people: int) -> tuple[list[Record], set[Pair]]:
    """Draw customers; return their records, shuffled, and which are one person's."""
    chance = random.Random(5)
    drawn: list[tuple[int, Record]] = []
    for number in range(people):
        told = _customer(chance)
        drawn.append((number, told))
        if chance.random() < TWICE:
            drawn.append((number, _told_again(chance, told)))
    chance.shuffle(drawn)
    places: dict[int, int] = {}
    truth: set[Pair] = set()
    for place, (number, _) in enumerate(drawn):
        if number in places:
            truth.add((places[number], place))
        places[number] = place
    return [record for _, record in drawn], truth


def likeness(one: Record, other: Record) -> float:
    """Add up how like each field is."""
    return sum(
        JaroWinkler.similarity(one[field][0], other[field][0])
        for field in FIELDS
        if field in one and field in other
    )


def f1(found: set[Pair], truth: set[Pair]) -> float:
    """Return the harmonic mean of precision and recall."""
    right = len(found & truth)
    return 2 * right / (len(found) + len(truth)) if right else 0.0


def _customer(chance: random.Random) -> Record:
    given = "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2, 2))))
    # Family names are as uneven as in life: the first few are half of all.
    name = _SURNAMES[min(int(chance.expovariate(0.09)), len(_SURNAMES) - 1)] + given
    born = date(1955, 1, 1) + timedelta(days=chance.randrange(18_600))
    user = f"{chance.choice('abcdefghijklmnopqrstuvwxyz')}{chance.randrange(10**7)}"
    street = f"{chance.choice(_STREETS)}路{chance.randrange(1, 900)}号{chance.randrange(1, 40)}室"
    return {
        "name": (name,),
        "birth_date": (born.isoformat(),),
        "phone": (f"+861{chance.choice('35789')}{chance.randrange(10**9):09d}",),
        "email": (f"{user}@{chance.choice(_HOSTS)}",),
        "city": (chance.choice(_CITIES),),
        "address": (street,),
    }


def _told_again(chance: random.Random, told: Record) -> Record:
    """The same customer as another counter wrote it down."""
    again = {field: values[0] for field, values in told.items()}
    again["phone"] = _customer(chance)["phone"][0] if chance.random() < 0.5 else _slip(chance, again["phone"])
    if chance.random() < 0.3:
        again["name"] = again["name"][:-1] + chance.choice(_GIVEN)
    if chance.random() < 0.2:
        lunar = date.fromisoformat(again["birth_date"]) - timedelta(days=chance.randrange(20, 50))
        again["birth_date"] = lunar.isoformat()
    if chance.random() < 0.3:
        again["email"] = f"{again['email'].partition('@')[0]}@{chance.choice(_HOSTS)}"
    if chance.random() < 0.3:
        again["address"] = _slip(chance, again["address"])
    left_out = chance.sample(sorted(again), k=chance.choice((0, 1, 2, 3)))
    return {field: (value,) for field, value in again.items() if field not in left_out}


def _slip(chance: random.Random, text: str) -> str:
    """Get one digit wrong."""
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    place = chance.choice(digits[2:] or digits)
    return f"{text[:place]}{chance.randrange(10)}{text[place + 1 :]}"


if __name__ == "__main__":
    main()
