"""Finding who is one person among generated customers, against Splink on the same records.

PEOPLE customers with Chinese names, phones, birthdays, cities, addresses and e-mail addresses are drawn by
seed. A fifth of them are there twice, the second time as people tell it at another counter: a character heard
wrong, a digit missed, a birthday by the lunar calendar, a field left out. Measured is all of it: keys, pairs,
scores. Both answers are checked against the truth: at the recall our own has, Splink's threshold is set to
find as many, and an answer with a smaller F1 than that counts as wrong.

Run: ``python -m bench.linkage [PEOPLE]`` (1,000,000: the size of the aims). Prints a JSON line.
"""

import random
import sys
import time
from datetime import date, timedelta
from typing import NamedTuple

from bench import splink_linkage
from bench.support import Aim, Result, WrongResult, report, say
from quanyu.modules.people.matching.blocking import Blocks
from quanyu.modules.people.matching.model import SUGGEST_MIN, CountedValues, Model, Record

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
Scored = list[tuple[float, Pair]]


class Quality(NamedTuple):
    """How good an answer is: the share of true pairs it finds, and of what it finds that is true."""

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        return 2 * self.recall * self.precision / ((self.recall + self.precision) or 1)

    def __str__(self) -> str:
        return f"F1 {self.f1:.4f}, recall {self.recall:.4f}, precision {self.precision:.4f}"


def main() -> None:
    """Measure and print."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    records, truth = draw(people)
    say(f"{len(records):,} records of {people:,} people, {len(truth):,} pairs to find")

    started = time.perf_counter()
    blocks = Blocks(records)
    pairs = list(blocks.pairs())
    blocked = time.perf_counter()
    found = Model(CountedValues(records)).matches(records, pairs)
    ended = time.perf_counter()
    covered = len(truth & set(pairs)) / len(truth)
    ours: Scored = [(match.probability, (match.a, match.b)) for match in found]

    say(f"splink on the same records; ours took {ended - started:.0f} s")
    began = time.perf_counter()
    theirs = splink_linkage.score(records)
    splink_s = time.perf_counter() - began

    certain = quality(ours, truth, at_least=CERTAIN)
    worth_a_look = quality(ours, truth, at_least=SUGGEST_MIN)
    equal_recall = at_recall(theirs, truth, certain.recall)

    def check() -> None:
        if certain.f1 < equal_recall.f1:
            raise WrongResult(f"{certain}, at that recall Splink has {equal_recall}")

    report(
        Result(
            name="linkage",
            figure=round(len(records) / (ended - started)),
            unit="people/s",
            yardstick=round(len(records) / splink_s),
            yardstick_name="Splink on DuckDB, trained on the same records",
            aim=Aim(),
            details={
                "ours from 0.5": str(certain),
                "Splink at that recall": str(equal_recall),
                "ours from 0.2": str(worth_a_look),
                "Splink at that recall too": str(at_recall(theirs, truth, worth_a_look.recall)),
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


def quality(scored: Scored, truth: set[Pair], *, at_least: float) -> Quality:
    """Judge the pairs that are at least so probable."""
    found = {pair for probability, pair in scored if probability >= at_least}
    right = len(found & truth)
    return Quality(right / len(truth), right / len(found) if found else 0.0)


def at_recall(scored: Scored, truth: set[Pair], recall: float) -> Quality:
    """Judge the most probable pairs, as many as it takes to find this share of the true ones."""
    right = 0
    for number, (_, pair) in enumerate(sorted(scored, reverse=True), start=1):
        right += pair in truth
        if right >= recall * len(truth):
            return Quality(right / len(truth), right / number)
    return Quality(right / len(truth), right / max(1, len(scored)))


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
