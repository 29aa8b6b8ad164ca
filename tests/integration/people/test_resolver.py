"""Resolving batches on a real database."""

import random
import time
from datetime import timedelta

import psycopg
import pytest

from quanyu.modules.people.contracts import Merge, ResolveRow
from quanyu.modules.people.graph_queries import find_edges_at, find_identities
from quanyu.modules.people.resolver import ROWS_MAX, WORK_MAX, Resolver
from quanyu.modules.people.rules import Edge, Node, components

from .conftest import AT, Desk


async def test_a_new_identifier_is_a_new_person_and_the_same_one_next_time(desk: Desk) -> None:
    first = await desk.resolve(desk.row("user_id:u1"), desk.row("user_id:u2"), desk.row("user_id:u1"))
    one, two, again = first.person_ids
    assert one is not None
    assert two is not None
    assert (again, two - one, first.created) == (one, 1, 2)
    assert first.canonical_ids == first.person_ids
    assert first.touched == {one, two}
    second = await desk.resolve(desk.row("user_id:u2"))
    assert (second.person_ids, second.created, second.touched) == ([two], 0, frozenset())
    await desk.check()


async def test_rows_without_identifiers_are_nobody_or_whom_the_writer_knows(desk: Desk) -> None:
    (person,) = (await desk.resolve(desk.row("user_id:u1"))).person_ids
    result = await desk.resolve(
        desk.row(), desk.row(person_id=person), desk.row(person_id=2_000_000_000), desk.row("user_id:null")
    )
    assert result.person_ids == [None, person, None, None]


async def test_the_strongest_identifier_owns_the_event_for_good(desk: Desk) -> None:
    anonymous = await desk.resolve(desk.row("anonymous_id:a1"))
    known = await desk.resolve(desk.row("anonymous_id:a1", "user_id:u1"))
    again = await desk.resolve(desk.row("anonymous_id:a1"))
    (visitor,), (user,) = anonymous.person_ids, known.person_ids
    assert visitor is not None
    assert user != visitor
    assert again.person_ids == [visitor]
    assert known.canonical_ids == again.canonical_ids == [visitor]
    assert known.merges == ()  # Nobody had known the user: there was nothing to merge.
    await desk.check()


async def test_a_late_unionid_merges_two_openids_without_counting_anybody_twice(desk: Desk) -> None:
    before = await desk.resolve(desk.row("openid@wx1:o1"), desk.row("openid@wx2:o2"))
    one, two = before.person_ids
    assert one is not None
    assert two is not None
    result = await desk.resolve(
        desk.row("openid@wx1:o1", "unionid@wx:U", minute=5),
        desk.row("openid@wx2:o2", "unionid@wx:U", minute=6),
    )
    assert result.merges == (Merge(two, one),)
    assert set(result.canonical_ids) == {one}
    assert result.touched == {one, two}
    assert await desk.query("SELECT people FROM identity_version WHERE tenant_id = :tenant") == [(1,)]
    later = await desk.resolve(desk.row("openid@wx2:o2", minute=9))
    assert (later.person_ids, later.canonical_ids) == ([two], [one])
    await desk.check()


async def test_merges_inside_one_batch_are_seen_by_all_its_rows(desk: Desk) -> None:
    result = await desk.resolve(
        desk.row("openid@wx1:o1"),
        desk.row("openid@wx2:o2"),
        desk.row("openid@wx1:o1", "unionid@wx:U"),
        desk.row("openid@wx2:o2", "unionid@wx:U"),
    )
    assert len(set(result.canonical_ids)) == 1
    assert result.merges == ()
    assert result.created == 1
    await desk.check()


async def test_a_family_phone_goes_with_who_had_it_first_in_event_time(desk: Desk) -> None:
    names = ["user_id:u1", "user_id:u2", "phone:13800138000"]
    await desk.resolve(desk.row("user_id:u1", "phone:13800138000", minute=10))
    assert await desk.people(names) == {frozenset({names[0], names[2]})}
    await desk.resolve(desk.row("user_id:u2", "phone:13800138000", minute=20))
    assert await desk.people(names) == {frozenset({names[0], names[2]}), frozenset({names[1]})}
    # An older event arrives late: the phone was the second one's all along.
    result = await desk.resolve(desk.row("user_id:u2", "phone:13800138000", minute=1))
    assert await desk.people(names) == {frozenset({names[1], names[2]}), frozenset({names[0]})}
    assert result.merges == ()  # The phone alone moved, and never had a history of its own.
    demoted = await desk.query(
        "SELECT state, reason FROM identity_edge WHERE tenant_id = :tenant ORDER BY first_event_at"
    )
    assert demoted == [("held", ""), ("demoted", "limit:user_id")]
    await desk.check()


async def test_blocked_values_never_become_an_edge(desk: Desk) -> None:
    await desk.resolve(
        desk.row("user_id:u1", "anonymous_id:undefined"), desk.row("user_id:u2", "anonymous_id:undefined")
    )
    assert await desk.query("SELECT count(*) FROM identity_edge WHERE tenant_id = :tenant") == [(0,)]
    assert len(await desk.people(["user_id:u1", "user_id:u2"])) == 2


async def test_a_rolled_back_batch_is_forgotten(desk: Desk) -> None:
    row = desk.row("user_id:u1")

    async def fail() -> None:
        async with desk.uows.system(desk.tenant) as uow:
            await desk.resolver.resolve(uow, [row])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    result = await desk.resolve(row)
    assert result.created == 1
    assert await desk.people(["user_id:u1"]) == {frozenset({"user_id:u1"})}
    await desk.check()


async def test_a_batch_cut_off_half_way_is_forgotten(desk: Desk) -> None:
    """What a failing database did not store must not be taken for known when the batch is tried again."""
    row = desk.row("user_id:u1")

    async def wait_in_vain() -> None:
        async with desk.uows.system(desk.tenant) as uow:
            await uow.execute("SET LOCAL lock_timeout = '50ms'")
            await desk.resolver.resolve(uow, [row])

    async with desk.uows.system(desk.tenant) as other:
        await other.execute("LOCK TABLE person_change IN ACCESS EXCLUSIVE MODE")  # Written last of all.
        with pytest.raises(Exception, match="lock timeout"):
            await wait_in_vain()
    result = await desk.resolve(row)
    assert result.created == 1
    assert await desk.people(["user_id:u1"]) == {frozenset({"user_id:u1"})}
    assert await desk.query("SELECT count(*) FROM identity_scope WHERE tenant_id = :tenant") == [(1,)]
    await desk.check()


async def test_another_process_sees_and_is_seen(desk: Desk) -> None:
    other = Desk(desk.uows, desk.tenant, desk.key_ring, Resolver(desk.key_ring))
    before = await desk.resolve(desk.row("openid@wx1:o1"), desk.row("openid@wx2:o2"))
    one, two = before.person_ids
    await other.resolve(
        other.row("openid@wx1:o1", "unionid@wx:U"), other.row("openid@wx2:o2", "unionid@wx:U")
    )
    result = await desk.resolve(desk.row("openid@wx2:o2"))
    assert (result.person_ids, result.canonical_ids) == ([two], [one])


async def test_first_and_last_seen_follow_event_time(desk: Desk) -> None:
    await desk.resolve(desk.row("user_id:u1", minute=10))
    await desk.resolve(desk.row("user_id:u1", minute=90), desk.row("user_id:u1", minute=70))
    result = await desk.resolve(desk.row("user_id:u1", minute=-30), desk.row("user_id:u1", minute=92))
    assert await desk.query("SELECT first_seen_at, last_seen_at FROM person WHERE tenant_id = :tenant") == [
        (AT - timedelta(minutes=30), AT + timedelta(minutes=92))
    ]
    assert len(result.touched) == 1
    person = result.person_ids[0]
    quiet = await desk.resolve(desk.row("user_id:u1", minute=92.6), desk.row(person_id=person, minute=999))
    assert quiet.touched == frozenset()  # Within the minute, and what we do to somebody is not being seen.


async def test_the_newest_event_wins_an_attribute_whatever_arrives_last(desk: Desk) -> None:
    await desk.resolve(desk.row("user_id:u1", minute=5, traits={"city": "上海", "level": 2, "name": "李雷"}))
    await desk.resolve(desk.row("user_id:u1", minute=1, traits={"city": "北京", "age": 30}))
    await desk.resolve(desk.row("user_id:u1", minute=9, traits={"level": None}))
    found = await desk.query(
        "SELECT key, class, value, sealed IS NOT NULL FROM person_attribute "
        "WHERE tenant_id = :tenant ORDER BY key"
    )
    assert found == [
        ("age", "none", 30, False),
        ("city", "none", "上海", False),
        ("level", "none", None, False),
        ("name", "name", None, True),
        ("surname", "none", "李", False),
    ]


async def test_traits_with_a_phone_name_the_person_too(desk: Desk) -> None:
    await desk.resolve(desk.row("user_id:u1", traits={"phone": "138-0013-8000"}))
    names = ["user_id:u1", "phone:+8613800138000"]
    assert await desk.people(names) == {frozenset(names)}


async def test_nothing_personal_is_stored_in_clear(desk: Desk) -> None:
    await desk.resolve(
        desk.row(
            "user_id:ursula77", traits={"name": "独孤求败", "phone": "13912345678", "street": "华山 9 号"}
        )
    )
    async with desk.uows.system(desk.tenant) as uow:
        connection = await uow.raw()
        for table in (
            "person",
            "identity",
            "identity_edge",
            "person_attribute",
            "person_change",
            "identity_scope",
        ):
            async with (
                connection.cursor() as cursor,
                cursor.copy(
                    f"COPY (SELECT * FROM {table} WHERE tenant_id = {desk.tenant}) TO STDOUT"
                ) as copy,
            ):
                text = b"".join([bytes(chunk) async for chunk in copy]).decode()
            for secret in ("ursula77", "求败", "13912345678", "华山"):
                assert secret not in text, (table, secret)


async def test_a_tangle_is_put_aside_for_review(desk: Desk) -> None:
    rows = [desk.row(f"user_id:u{number}", "phone:13800138000", minute=number) for number in range(1_100)]
    await desk.resolve(*rows[:600])
    result = await desk.resolve(*rows[600:])
    assert result.canonical_ids == result.person_ids
    flags = await desk.query(
        "SELECT namespace, flag FROM identity WHERE tenant_id = :tenant AND flag IS NOT NULL"
    )
    assert flags == [("phone", "quarantined")]
    assert await desk.query(
        "SELECT reason, b IS NULL, settled_at FROM identity_quarantine WHERE tenant_id = :tenant"
    ) == [("quarantined", True, None)]
    assert await desk.query(
        "SELECT state, reason, count(*) FROM identity_edge WHERE tenant_id = :tenant GROUP BY 1, 2"
    ) == [("demoted", "quarantined", 1_100)]
    # From now on it costs nobody anything.
    later = await desk.resolve(desk.row("user_id:late", "phone:13800138000"), desk.row("phone:13800138000"))
    assert len(set(later.canonical_ids)) == 2
    await desk.check()


@pytest.mark.parametrize("seed", range(6))
async def test_any_batching_and_order_gives_the_people_the_pure_rules_give(desk: Desk, seed: int) -> None:
    dice = random.Random(seed)
    kinds = {
        "unionid@wx": 4, "openid@wx1": 8, "openid@wx2": 8, "user_id": 8, "phone": 6, "email": 6, "device": 5,
        "anonymous_id": 12,
    }  # fmt: skip

    def name() -> str:
        kind = dice.choice(list(kinds))
        number = dice.randrange(kinds[kind])
        value = {"phone": f"1380013800{number}", "email": f"e{number}@x.cn"}.get(kind, f"{kind[0]}{number}x")
        return f"{kind}:{value}"

    rows = [
        desk.row(*{name() for _ in range(dice.choice([1, 1, 2, 2, 3]))}, minute=dice.randrange(40_000))
        for _ in range(90)
    ]
    dice.shuffle(rows)
    while rows:
        size = dice.choice([1, 2, 5, 20])
        batch, rows = rows[:size], rows[size:]
        await desk.resolve(*batch)
        if dice.random() < 0.2:
            desk.resolver = Resolver(desk.key_ring)
        await desk.check()
    await assert_same_as_pure(desk)


async def assert_same_as_pure(desk: Desk) -> None:
    """Compare what is stored with the pure function of the whole edge set."""
    async with desk.uows.system(desk.tenant) as uow:
        connection = await uow.raw()
        tokens = [
            bytes(row.token)
            for row in await uow.execute(
                "SELECT token FROM identity WHERE tenant_id = :t", {"t": desk.tenant}
            )
        ]
        identities = await find_identities(connection, desk.tenant, tokens)
        stored = await find_edges_at(connection, desk.tenant, tokens)
    nodes = {row.token: Node(row.namespace, row.scope, row.person_id) for row in identities}
    edges = [Edge(row.a, row.b, row.evidence, row.strength, row.first_event_at) for row in stored]
    expected = components(nodes, edges)
    groups: dict[int, set[bytes]] = {}
    for row in identities:
        groups.setdefault(row.canonical_id, set()).add(row.token)
    assert {frozenset(group) for group in groups.values()} == {frozenset(group) for group in expected.groups}
    reasons = {(row.a, row.b, row.evidence): row.reason for row in stored if row.reason}
    assert reasons == expected.demotions


async def test_two_writers_take_turns(desk: Desk) -> None:
    """The lock that makes one writer at a time is really taken."""

    async def hurry() -> None:
        async with desk.uows.system(desk.tenant) as other:
            connection = await other.raw()
            await connection.execute("SET LOCAL lock_timeout = '50ms'")
            await Resolver(desk.key_ring).resolve(other, [desk.row("user_id:u3")])

    await desk.resolve(desk.row("user_id:u1"))
    async with desk.uows.system(desk.tenant) as uow:
        await desk.resolver.resolve(uow, [desk.row("user_id:u2")])
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await hurry()


async def test_a_batch_is_cut_to_what_a_transaction_has_time_for(desk: Desk) -> None:
    rows = [desk.row(f"user_id:u{number}") for number in range(WORK_MAX + 10)]
    assert desk.resolver.affordable(desk.tenant, rows) == WORK_MAX
    told = [row._replace(traits_json="{}") for row in rows[:100]]
    await desk.resolve(*told)
    assert desk.resolver.affordable(desk.tenant, [*told, *rows[100:]]) == WORK_MAX
    assert desk.resolver.affordable(desk.tenant, rows[:100] * 300) == ROWS_MAX
    assert desk.resolver.affordable(desk.tenant, []) == 0


async def timed(desk: Desk, rows: list[ResolveRow]) -> float:
    """Resolve rows as the pipeline does, in affordable batches; return rows per second."""
    started = time.perf_counter()
    rest = rows
    while rest:
        count = desk.resolver.affordable(desk.tenant, rest)
        await desk.resolve(*rest[:count])
        rest = rest[count:]
    return len(rows) / (time.perf_counter() - started)


@pytest.mark.slow
async def test_speed(desk: Desk) -> None:
    # Half of the largest batch: on a busy machine, too, a transaction has five seconds.
    many = range(10_000)
    fresh = [desk.row(f"user_id:u{one}", f"anonymous_id:a{one}", minute=one / 100) for one in many]
    again = [row._replace(occurred_at=row.occurred_at + timedelta(seconds=1)) for row in fresh]
    late = [desk.row(f"user_id:u{one}", f"unionid@wx:x{one}", minute=999) for one in many]
    told = {"city": "上海", "level": 3, "name": "李雷"}
    figures = {
        "new people": await timed(desk, fresh),
        "known people": await timed(desk, again),
        "new identifier of known people": await timed(desk, late),
        "identify calls": await timed(
            desk, [desk.row(f"user_id:u{one}", minute=1_000, traits=told) for one in many]
        ),
    }
    print("\n" + "; ".join(f"{what} {rate:,.0f} rows/s" for what, rate in figures.items()))
    assert await desk.query("SELECT people FROM identity_version WHERE tenant_id = :tenant") == [(len(many),)]
    held = await desk.query(
        "SELECT state, count(*) FROM identity_edge WHERE tenant_id = :tenant GROUP BY state"
    )
    assert held == [("held", 2 * len(many))]
