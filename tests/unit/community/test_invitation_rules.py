"""Who is invited, and when members are reminded: GC-7, MS-3, MS-6 as pure decisions."""

from datetime import UTC, datetime, timedelta

from quanyu.kernel.ids import PersonId
from quanyu.modules.community.invitations import rules
from quanyu.modules.community.ports import Relation

NOON = datetime(2026, 3, 4, 4, tzinfo=UTC)


def relation(
    userid: str, token: str, *, person: int | None = None, days: int = 0, can_send: bool = True
) -> Relation:
    return Relation(
        userid=userid,
        token=token.encode(),
        external_userid=f"wm{token}",
        person_id=None if person is None else PersonId(person),
        added_at=NOON - timedelta(days=days),
        can_send=can_send,
    )


def chosen(
    *relations: Relation, tokens: set[bytes] | None = None, people: set[int] | None = None
) -> list[str]:
    found = rules.choose(
        relations,
        tokens_inside=tokens or set(),
        people_inside={PersonId(one) for one in people or set()},
    )
    return [f"{one.relation.userid}:{one.excluded}" for one in found]


def test_one_member_invites_a_person_the_one_who_has_had_them_longest() -> None:
    """MS-3: the same person is known to two members, under one token and under two."""
    assert chosen(relation("a", "1", days=1), relation("b", "1", days=9)) == ["b:", "a:duplicate"]
    assert chosen(relation("a", "1", person=5), relation("b", "2", person=5, days=1)) == ["b:", "a:duplicate"]


def test_who_cannot_send_is_passed_over() -> None:
    away = relation("a", "1", days=9, can_send=False)

    assert chosen(away, relation("b", "1")) == ["b:", "a:duplicate"]
    assert chosen(away) == ["a:no_sender"]


def test_who_is_inside_by_any_identity_is_left_out() -> None:
    """GC-7."""
    assert chosen(relation("a", "1"), tokens={b"1"}) == ["a:in_group"]
    assert chosen(relation("a", "1", person=5), people={5}) == ["a:in_group"]
    both = (relation("a", "1", person=5), relation("b", "2", person=5, days=1))
    assert chosen(*both, tokens={b"1"}) == ["b:in_group", "a:duplicate"]


def test_members_are_reminded_by_one_policy() -> None:
    """GC-7, MS-9: after so many hours, so often, and never more than three times in 24 hours."""

    def due(hours: float, *reminded: float, most: int = 3) -> bool:
        at = [NOON + timedelta(hours=one) for one in reminded]
        return rules.is_reminder_due(NOON, at, NOON + timedelta(hours=hours), after_h=4, most=most)

    assert (due(3.9), due(4)) == (False, True)
    assert (due(7, 4), due(8, 4), due(8, 4, most=1)) == (False, True, False)
    assert not rules.is_reminder_due(NOON, [], NOON + timedelta(days=1), after_h=0, most=3)
    three = [NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)]
    assert not rules.may_remind(three, NOON + timedelta(hours=23))
    assert rules.may_remind(three, NOON + timedelta(hours=24))


def test_looks_grow_rarer() -> None:
    """MS-6."""
    waits = [rules.next_poll(number).total_seconds() for number in range(9)]

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (10, 3600)
