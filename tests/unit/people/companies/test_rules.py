"""What a group call says of a company, what counts of several sayings, and which names are alike."""

from datetime import UTC, datetime, timedelta

import pytest

from quanyu.modules.people.companies import rules
from quanyu.modules.people.companies.contracts import DEPTH_MAX, CompanyId
from quanyu.modules.people.companies.likeness import Candidate, alike_pairs
from quanyu.modules.people.companies.rules import Saying, fold, read_group_call, replace_by_hand, tell
from quanyu.modules.people.companies.tree import Tree

AT = datetime(2026, 3, 4, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def test_a_group_call_names_a_company_its_place_and_the_senders_role() -> None:
    call = read_group_call(
        {
            "group_id": " C-1 ",
            "name": "杭州青山茶业有限公司",
            "website": "https://www.QingShan.com/about",
            "parent_id": "C-0",
            "industry": "tea",
            "employees": 120,
            "address": {"city": "杭州", "floors": [1, 2]},
            "role": "采购",
            "is_primary": True,
            "owner_id": "stf_1",
        }
    )
    assert call is not None
    assert (call.external_id, call.parent, call.roles, call.is_primary) == ("C-1", "C-0", ("采购",), True)
    assert call.told == {
        "industry": "tea",
        "employees": 120,
        "address.city": "杭州",
        "name": "杭州青山茶业有限公司",
        "domain": "qingshan.com",
        "owner": "stf_1",
    }


@pytest.mark.parametrize("properties", [{}, {"group_id": ""}, {"group_id": True}, {"group_id": ["a"]}])
def test_a_call_without_a_usable_id_names_no_company(properties: dict[str, object]) -> None:
    assert read_group_call(properties) is None


def test_roles_come_as_a_list_or_one_and_unknown_ones_are_not_told() -> None:
    for told, roles in ((["财务", "老板", "财务"], ("财务", "老板")), ("老板", ("老板",)), (None, None)):
        call = read_group_call({"group_id": "c", "roles": told})
        assert call is not None
        assert call.roles == roles


def test_the_newest_saying_of_each_key_counts_and_a_cleared_one_is_gone() -> None:
    one = {"name": Saying("A", AT, "x"), "city": Saying("杭州", LATER, "x")}
    other = {"name": Saying("B", LATER, "y"), "city": Saying(None, LATER, "y"), "plan": Saying(1, AT, "y")}
    assert fold([one, other]) == {"name": other["name"], "plan": other["plan"]}
    assert fold([other, one]) == {**{k: other[k] for k in ("name", "plan")}, "city": one["city"]}


def test_what_is_told_late_changes_nothing_newer() -> None:
    own = {"city": Saying("杭州", LATER, "x")}
    assert tell(own, {"city": "上海", "plan": "gold"}, at=AT, source="y") == {
        "city": own["city"],
        "plan": Saying("gold", AT, "y"),
    }


def test_by_hand_what_stays_the_same_keeps_who_said_it() -> None:
    own = {"city": Saying("杭州", AT, "crm"), "plan": Saying("gold", AT, "crm")}
    assert replace_by_hand(own, {"city": "杭州"}, at=LATER, source="console") == {
        "city": own["city"],
        "plan": Saying(None, LATER, "console"),
    }


def test_what_is_about_a_person_is_found() -> None:
    assert rules.personal_keys({"手机": "1", "contact": "13812345678", "city": "杭州"}) == ["contact", "手机"]


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Example.com:8080/x?y", "example.com"),
        ("example.com.cn", "example.com.cn"),
        ("hi@mail.example.com", "mail.example.com"),
        ("nothing", ""),
        ("", ""),
    ],
)
def test_a_domain_is_the_host_alone(text: str, domain: str) -> None:
    assert rules.domain_of(text) == domain


def test_a_tree_holds_no_circle_and_is_not_too_deep() -> None:
    def number(one: int) -> CompanyId:
        return CompanyId(one)

    tree = Tree({number(one + 1): number(one) for one in range(1, DEPTH_MAX)})
    assert tree.above(number(DEPTH_MAX)) == [number(one) for one in range(DEPTH_MAX - 1, 0, -1)]
    assert tree.problem_with(number(1), number(DEPTH_MAX)) is not None
    assert tree.problem_with(number(1), number(1)) is not None
    assert tree.problem_with(number(99), number(DEPTH_MAX)) is not None  # One level too many.
    assert tree.problem_with(number(99), number(DEPTH_MAX - 1)) is None
    assert tree.problem_with(number(1), number(99)) is not None  # All below it would be too deep.
    tree.place(number(5), None)
    assert tree.problem_with(number(1), number(99)) is None
    assert tree.below(number(5))[-1] == (number(8), 3)


def test_spellings_of_one_name_and_a_shared_domain_are_suggested() -> None:
    def company(number: int, name: str, domain: str = "", above: int | None = None) -> Candidate:
        return Candidate(CompanyId(number), name, domain, None if above is None else CompanyId(above))

    pairs = alike_pairs(
        [
            company(1, "杭州青山茶业有限公司"),
            company(2, "杭州青山茶业（集团）股份有限公司"),
            company(3, "上海云海贸易有限公司", "yunhai.com"),
            company(4, "YunHai Trading Co., Ltd.", "yunhai.com"),
            company(5, "北京远山科技", "qq.com"),
            company(6, "广州南岭食品", "qq.com"),
            company(7, "杭州青山茶业有限公司西湖分公司", above=1),
        ]
    )
    assert [(one.a, one.b, one.same_domain) for one in pairs] == [(1, 2, False), (3, 4, True)]
    assert pairs[0].score == 100
