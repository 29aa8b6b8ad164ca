"""People made from a seed: the same seed gives the same person, number by number."""

import hashlib
import random
import uuid
from dataclasses import dataclass
from functools import lru_cache

from wechat_sandbox.crowd.catalogue import CATEGORIES

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
_GIVEN = (
    "安宁雨晨思远嘉欣子涵梓萱若溪明轩浩然静怡诗琪佳琳俊杰文博海燕晓彤志强丽华春梅建国秀英小满清禾知夏予乐"
)
_NICKNAME_TAILS = ("", "", "呀", "同学", "在路上", "爱喝茶", "🍵", "er", "_", "的小日子")
_CITIES = (
    ("上海", "上海", 14), ("北京", "北京", 12), ("杭州", "浙江", 10), ("广州", "广东", 9),
    ("深圳", "广东", 9), ("成都", "四川", 8), ("武汉", "湖北", 6), ("南京", "江苏", 6), ("苏州", "江苏", 5),
    ("西安", "陕西", 5), ("长沙", "湖南", 5), ("厦门", "福建", 4), ("重庆", "重庆", 5), ("昆明", "云南", 3),
)  # fmt: skip
PLACES = {  # Latitude and longitude of each city's middle.
    "上海": (31.23, 121.47), "北京": (39.90, 116.41), "杭州": (30.27, 120.16), "广州": (23.13, 113.26),
    "深圳": (22.54, 114.06), "成都": (30.57, 104.07), "武汉": (30.59, 114.31), "南京": (32.06, 118.80),
    "苏州": (31.30, 120.59), "西安": (34.34, 108.94), "长沙": (28.23, 112.94), "厦门": (24.48, 118.09),
    "重庆": (29.56, 106.55), "昆明": (24.88, 102.83),
}  # fmt: skip
# Weight of each hour of the day in China, by habit.
_HABITS = (
    {7: 3, 8: 5, 9: 2, 12: 4, 13: 2, 18: 3, 20: 4, 21: 5, 22: 3},  # Commuters.
    {9: 3, 10: 5, 11: 4, 14: 3, 15: 5, 16: 4, 20: 3},  # At home by day.
    {11: 2, 12: 3, 14: 2, 19: 3, 21: 5, 22: 6, 23: 5, 0: 2},  # Night people.
)
_MOBILE_PREFIXES = ("134", "136", "138", "139", "150", "151", "158", "159", "176", "180", "186", "188", "199")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One simulated customer and their lasting habits."""

    index: int
    nickname: str
    gender: str
    city: str
    province: str
    birthday: str
    phone: str  # Empty for those who never give it.
    anonymous_id: str
    interests: tuple[tuple[str, int], ...]  # Categories with weights.
    price_ceiling_fen: int
    hours: tuple[tuple[int, int], ...]
    sessions_per_day: float
    buying: float  # Chance that a look at products ends in an order.
    chattiness: float
    patience: int  # Messages in a week before they grow tired.
    friends: tuple[int, ...]
    thrift: float  # 0: prices hardly matter; 1: much depends on the price, and on a coupon.
    openness: float  # Chance to allow a notice one is asked for.
    sharing: float  # Chance to pass on to a friend what pleases.

    @property
    def member_no(self) -> str:
        return f"M{self.index + 100_001:07d}"


def stream(*parts: object) -> random.Random:
    """Return the random numbers of one purpose; equal parts give equal numbers."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311 - repeatable on purpose.


@lru_cache(maxsize=8192)
def make_person(seed: int, index: int, population: int) -> Person:
    """Make one person of a population."""
    draw = stream(seed, "person", index)
    gender = draw.choices(("female", "male"), (62, 38))[0]
    city, province, _ = draw.choices(_CITIES, [weight for _, _, weight in _CITIES])[0]
    digest = hashlib.sha256(f"{seed}:anonymous:{index}".encode()).digest()
    return Person(
        index=index,
        nickname=_nickname(draw),
        gender=gender,
        city=city,
        province=province,
        birthday=f"{draw.randint(1965, 2005)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
        phone=_phone(draw, index) if draw.random() < 0.6 else "",
        anonymous_id=str(uuid.UUID(bytes=digest[:16], version=4)),
        interests=tuple((name, draw.randint(1, 9)) for name in draw.sample(CATEGORIES, 3)),
        price_ceiling_fen=draw.choice((3000, 6000, 9000, 13_000, 20_000)),
        hours=tuple(draw.choices(_HABITS, (5, 3, 3))[0].items()),
        sessions_per_day=min(3.0, draw.lognormvariate(-0.8, 0.7)),
        buying=min(0.6, draw.lognormvariate(-1.9, 0.6)),
        chattiness=draw.choice((0.02, 0.05, 0.05, 0.15)),
        patience=draw.randint(2, 8),
        friends=_friends(draw, index, population),
        thrift=round(draw.betavariate(2, 2), 3),
        openness=draw.choice((0.25, 0.5, 0.7, 0.9)),
        sharing=draw.choice((0.0, 0.03, 0.06, 0.15)),
    )


def _nickname(draw: random.Random) -> str:
    if draw.random() < 0.3:
        return draw.choice(_SURNAMES) + "".join(draw.sample(_GIVEN, 2))
    return "".join(draw.sample(_GIVEN, 2)) + draw.choice(_NICKNAME_TAILS)


def _phone(draw: random.Random, index: int) -> str:
    """Return a number nobody else has: the factor shares no divisor with 10**8, so nothing repeats."""
    return f"{draw.choice(_MOBILE_PREFIXES)}{(index * 61_803_399 + 31_415_927) % 10**8:08d}"


def _friends(draw: random.Random, index: int, population: int) -> tuple[int, ...]:
    """Draw mostly near neighbours: circles of friends, joined by a few distant ones."""
    near = [index + offset for offset in (-7, -5, -3, -2, -1, 1, 2, 3, 5, 7)]
    candidates = [other for other in near if 0 <= other < population]
    chosen = draw.sample(candidates, min(len(candidates), draw.randint(1, 5)))
    if population > 20 and draw.random() < 0.3:
        chosen.append(draw.randrange(population))
    return tuple(dict.fromkeys(other for other in chosen if other != index))
