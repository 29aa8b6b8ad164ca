"""Who works at a company at the start: departments and staff made from the seed."""

import random

from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.directory import ROOT, Department, Directory, Member
from wechat_sandbox.storage import Storage

_DEPARTMENTS = ((2, "门店"), (3, "客服"), (4, "总部"))
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙"
_GIVEN = ("建国", "秀英", "静怡", "浩然", "诗琪", "文博", "海燕", "晓彤", "志强", "丽华", "春梅", "佳琳")
_POSITIONS = {2: "店员", 3: "客服", 4: "运营"}


def populate(store: Storage, seed: int, corp: Corp) -> None:
    """Make the departments and the staff of the start, where there are none yet."""
    directory = Directory(store, corp)
    if directory.find_department(ROOT) is not None:
        return
    directory.save_department(Department(id=ROOT, name=corp.name, parentid=0, order=100_000_000))
    for number, name in _DEPARTMENTS:
        directory.save_department(Department(id=number, name=name, parentid=ROOT, order=100_000_000 - number))
    draw = random.Random(f"{seed}:staff:{corp.corpid}")  # noqa: S311 - repeatable on purpose.
    for number in range(corp.staff):
        directory.save(_member(draw, number))


def _member(draw: random.Random, number: int) -> Member:
    department = _DEPARTMENTS[number % len(_DEPARTMENTS)][0]
    userid = f"staff{number + 1:02d}"
    return Member(
        userid=userid,
        name=draw.choice(_SURNAMES) + _GIVEN[number % len(_GIVEN)],
        department=[department],
        order=[0],
        is_leader_in_dept=[1 if number < len(_DEPARTMENTS) else 0],
        main_department=department,
        position=_POSITIONS[department],
        gender=draw.choice(("1", "2")),
        mobile=f"139{number:08d}",
        biz_mail=f"{userid}@corp.example",
    )
