"""Who is one person, case by case."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from quanyu.modules.people.rules import (
    EXPLICIT,
    IDENTIFIERS_MAX,
    MERGES_MAX,
    OBSERVED,
    Edge,
    Node,
    Partition,
    Reason,
    canonical_id,
    components,
    edge_key,
    edge_strength,
)

AT = datetime(2026, 3, 4, tzinfo=UTC)


class World:
    """Identifiers by short names: ``u1`` is a user_id, ``o1@a`` an openid of account a, and so on."""

    KINDS: ClassVar = {
        "x": "unionid",
        "o": "openid",
        "u": "user_id",
        "p": "phone",
        "e": "email",
        "a": "anonymous_id",
    }

    def __init__(self, **flags: Reason) -> None:
        self.nodes: dict[bytes, Node] = {}
        self.edges: list[Edge] = []
        self.flags = flags

    def see(self, first: str, second: str, minute: int = 0, evidence: str = OBSERVED) -> Edge:
        one, other = self.token(first), self.token(second)
        kinds = (self.nodes[one].namespace, self.nodes[other].namespace)
        key = edge_key(one, other, evidence)
        edge = Edge(*key, edge_strength(*kinds, evidence), AT + timedelta(minutes=minute))
        self.edges.append(edge)
        return edge

    def token(self, name: str) -> bytes:
        token = name.encode()
        if token not in self.nodes:
            _, _, scope = name.partition("@")
            number = len(self.nodes) + 1
            self.nodes[token] = Node(self.KINDS[name[0]], scope, number, self.flags.get(name))
        return token

    def decide(self) -> Partition:
        return components(self.nodes, self.edges)

    def people(self) -> set[frozenset[str]]:
        return {frozenset(token.decode() for token in group) for group in self.decide().groups}


def people(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group.split()) for group in groups}


def test_a_late_unionid_joins_openids_of_two_accounts() -> None:
    world = World()
    world.see("o1@a", "x1@wx", 10)
    world.see("o2@b", "x1@wx", 20)
    assert world.people() == people("o1@a o2@b x1@wx")


def test_a_shared_phone_does_not_join_two_members() -> None:
    world = World()
    world.see("u1", "p1", 1)
    late = world.see("u2", "p1", 2)
    assert world.people() == people("u1 p1", "u2")
    assert world.decide().demotions == {late.key: "limit:user_id"}


def test_the_older_edge_wins_among_equals_and_the_stronger_before_it() -> None:
    world = World()
    world.see("u1", "p1", 5)
    world.see("u2", "p1", 1)
    assert world.people() == people("u2 p1", "u1")
    world.see("u1", "p1", 9, evidence=EXPLICIT)
    assert world.people() == people("u1 p1", "u2")


def test_two_people_at_one_account_stay_two() -> None:
    world = World()
    world.see("o1@a", "x1@wx")
    demoted = world.see("o2@a", "x1@wx", 1)
    assert world.people() == people("o1@a x1@wx", "o2@a")
    assert world.decide().demotions == {demoted.key: "limit:openid"}


def test_a_browser_does_not_join_two_known_people() -> None:
    world = World()
    world.see("u1", "a1", 1)
    other = world.see("p1", "a1", 2)
    assert world.people() == people("u1 a1", "p1")
    assert world.decide().demotions == {other.key: Reason.KNOWN_TO_KNOWN}


def test_anonymous_history_joins_whom_it_turns_out_to_be() -> None:
    world = World()
    world.see("a1", "a2", 1)
    world.see("a2", "u1", 2)
    assert world.people() == people("a1 a2 u1")


def test_a_known_pair_may_be_joined_by_somebody_who_says_so() -> None:
    world = World()
    world.see("u1", "a1", 1)
    world.see("p1", "a1", 2, evidence=EXPLICIT)
    assert world.people() == people("u1 a1 p1")


def test_five_browsers_a_week() -> None:
    world = World()
    for number in range(7):
        world.see("u1", f"a{number}", number)
    world.see("u1", "a9", 60 * 24 * 8)  # The week after.
    partition = world.decide()
    assert sorted(partition.demotions.values()) == ["limit:anonymous_id"] * 2
    assert world.people() == people("u1 a0 a1 a2 a3 a4 a9", "a5", "a6")


@pytest.mark.parametrize("flag", [Reason.SHARED, Reason.BLOCKED, Reason.QUARANTINED])
def test_flagged_values_join_nobody(flag: Reason) -> None:
    world = World(p1=flag)
    one, other = world.see("u1", "p1"), world.see("e1", "p1", 1)
    assert world.people() == people("u1", "e1", "p1")
    assert world.decide().demotions == {one.key: flag.value, other.key: flag.value}


def test_the_canonical_person_is_the_least_id() -> None:
    world = World()
    world.see("u1", "p1")
    world.see("e1", "p1")
    (group,) = world.decide().groups
    assert canonical_id(group, world.nodes) == 1


def test_one_person_is_made_of_a_bounded_number_of_people() -> None:
    world = World()
    for number in range(MERGES_MAX + 5):
        world.see("u1", f"a{number}", number * 60 * 24 * 2)
    sizes = sorted(len(group) for group in world.decide().groups)
    assert sizes[-1] == MERGES_MAX + 1
    assert set(world.decide().demotions.values()) == {Reason.MERGE_CAP}


def test_one_person_has_a_bounded_number_of_identifiers() -> None:
    nodes = {b"u": Node("user_id", "", 1)}
    edges = []
    for number in range(IDENTIFIERS_MAX + 3):
        token = b"v%05d" % number
        nodes[token] = Node("openid", f"wx{number}")
        edges.append(Edge(b"u", token, OBSERVED, 60, AT))
    partition = components(nodes, edges)
    assert max(len(group) for group in partition.groups) == IDENTIFIERS_MAX
    assert set(partition.demotions.values()) == {Reason.TOO_MANY_IDENTIFIERS}
