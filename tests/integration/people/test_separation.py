"""The identity desk: why identifiers are one person's, separating them, and taking that back (ID-1, ID-2)."""

from typing import Any

import pytest

from quanyu.infra.crypto import KeyRing
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.separation.contracts import MarkIdentity, PersonEvidence, SeparateIdentities
from quanyu.modules.people.separation.errors import AlreadyUndone, DecisionNotFound, NotTheirs
from quanyu.modules.people.separation.service import DECISION_PREFIX, IdentityDesk
from quanyu.modules.people.separation.views import identity_id

from .conftest import Desk, identifier
from .house import House, build_house, move_in


@pytest.fixture
def house(desk: Desk, key_ring: KeyRing) -> House:
    return build_house(desk, key_ring)


@pytest.fixture
def identity_desk(house: House, key_ring: KeyRing) -> IdentityDesk:
    # History is away: everything else is shown without it.
    return IdentityDesk(key_ring, Warehouse.at("http://127.0.0.1:1"), house.merging)


async def explain(house: House, identity_desk: IdentityDesk, person: int) -> PersonEvidence:
    async with house.desk.uows.app(house.desk.tenant) as uow:
        return await identity_desk.explain(uow, PersonId(person))


def chosen(house: House, *names: str) -> tuple[str, ...]:
    return tuple(identity_id(house.desk.token(name)) for name in names)


async def facts(house: House) -> list[Any]:
    rows = await house.desk.query(
        "SELECT name, properties ->> 'note' FROM log_event WHERE tenant_id = :tenant "
        "AND name NOT LIKE 'people.consent%' AND name NOT LIKE 'journeys.%' ORDER BY position"
    )
    return [tuple(row) for row in rows if row[1] != "at the counter"]


async def test_separating_gives_back_what_a_merge_took_and_undoing_merges_again(
    house: House, identity_desk: IdentityDesk
) -> None:
    one, two = await move_in(house, 2)
    apart = await house.snapshot()
    await house.edit("link", "openid@wx1:o1", "external_userid@corp2:e2")
    together = await house.snapshot()
    theirs = chosen(house, "openid@wx2:o2", "external_userid@corp2:e2")

    async with house.desk.uows.system(house.desk.tenant) as uow:
        preview = await identity_desk.preview(uow, PersonId(one), theirs)
    assert await house.snapshot() == together
    assert preview.edges == 1
    assert [(side.person, set(side.identities), side.events) for side in preview.sides] == [
        (encode_id("per", one), set(chosen(house, "openid@wx1:o1", "external_userid@corp1:e1")), None),
        (encode_id("per", two), set(theirs), None),
    ]
    assert preview.moves == {
        "followers": 1, "customers": 1, "inviter_codes": 1, "group_stays": 1, "messages": 1, "consents": 1,
        "passages": 1, "form_answers": 1, "list_entries": 1, "company_contacts": 1, "exposures": 1,
    }  # fmt: skip

    async with house.desk.uows.system(house.desk.tenant) as uow:
        done = await identity_desk.separate(
            uow, PersonId(one), SeparateIdentities(identities=theirs, reason="two sisters"), actor="凌"
        )
    assert await house.snapshot() == apart
    assert done.moves == preview.moves
    assert done.people == (encode_id("per", one), encode_id("per", two))
    assert await facts(house) == [("people.unlinked", "two sisters")]
    shown = await explain(house, identity_desk, one)
    (decision,) = shown.decisions
    assert (decision.kind, decision.actor, decision.reason) == ("separated", "凌", "two sisters")
    assert {edge.note for edge in shown.evidence if edge.state == "removed"} == {"凌: two sisters"}

    # The next event that carries both does not join them again.
    both = house.desk.row("openid@wx1:o1", "external_userid@corp2:e2")
    assert (await house.desk.resolve(both)).merges == ()

    async with house.desk.uows.system(house.desk.tenant) as uow:
        await identity_desk.undo(uow, decode_id(DECISION_PREFIX, done.decision), actor="凌")
    assert await house.snapshot() == together
    await house.desk.check()
    with pytest.raises(AlreadyUndone):
        async with house.desk.uows.system(house.desk.tenant) as uow:
            await identity_desk.undo(uow, decode_id(DECISION_PREFIX, done.decision), actor="凌")


async def test_the_card_says_why_and_why_not(house: House, identity_desk: IdentityDesk) -> None:
    one, _ = await move_in(house, 2)
    # A phone joins an openid, and would make two openids of one account one person's: it does not.
    await house.desk.resolve(
        house.desk.row("openid@wx1:o1", "phone:13800138000", minute=5),
        house.desk.row("openid@wx1:other", "phone:13800138000", minute=6, source="shop"),
    )
    shown = await explain(house, identity_desk, one)
    values = {identity.id: identity for identity in shown.identities}
    assert {identity.value_masked for identity in shown.identities if identity.namespace == "phone"} == {
        "138****8000"
    }
    lines = {
        (
            frozenset((values[edge.a].namespace, values[edge.b].namespace)),
            edge.source,
            edge.state,
            edge.reason,
        )
        for edge in shown.evidence
    }
    assert lines == {
        (frozenset({"openid", "external_userid"}), "web", "held", ""),
        (frozenset({"openid", "phone"}), "web", "held", ""),
        (frozenset({"openid", "phone"}), "shop", "demoted", "limit:openid"),
    }
    assert "13800138000" not in shown.model_dump_json()


async def test_a_shared_phone_joins_nobody_until_the_mark_is_taken_back(
    house: House, identity_desk: IdentityDesk
) -> None:
    await house.desk.resolve(
        house.desk.row("openid@wx1:a", "phone:13800138000", minute=1),
        house.desk.row("openid@wx2:b", "phone:13800138000", minute=2),
    )
    names = ["openid@wx1:a", "openid@wx2:b", "phone:13800138000"]
    async with house.desk.uows.app(house.desk.tenant) as uow:
        (person,) = await house.people.people_by_identifier(uow, [identifier(names[0])])
    assert person is not None
    (phone,) = chosen(house, names[2])
    command = MarkIdentity(identity=phone, is_shared=True, reason="the shop's own")
    async with house.desk.uows.system(house.desk.tenant) as uow:
        done = await identity_desk.mark(uow, person, command, actor="凌")
    assert await house.desk.people(names) == {frozenset({name}) for name in names}
    async with house.desk.uows.system(house.desk.tenant) as uow:
        await identity_desk.undo(uow, decode_id(DECISION_PREFIX, done.decision), actor="凌")
    assert await house.desk.people(names) == {frozenset(names)}
    await house.desk.check()


async def test_choices_that_are_none_change_nothing(house: House, identity_desk: IdentityDesk) -> None:
    one, _ = await move_in(house, 2)
    before = await house.snapshot()
    everything = chosen(house, "openid@wx1:o1", "external_userid@corp1:e1")
    foreign = chosen(house, "openid@wx2:o2")
    for person, choice, error in (
        (one, everything, NotTheirs),
        (one, foreign, NotTheirs),
        (999_999, foreign, PersonNotFound),
    ):
        command = SeparateIdentities(identities=choice, reason="?")
        with pytest.raises(error):
            async with house.desk.uows.system(house.desk.tenant) as uow:
                await identity_desk.separate(uow, PersonId(person), command, actor="凌")
    with pytest.raises(DecisionNotFound):
        async with house.desk.uows.system(house.desk.tenant) as uow:
            await identity_desk.undo(uow, 1, actor="凌")
    assert await house.snapshot() == before
    assert await house.desk.query("SELECT 1 FROM identity_decision WHERE tenant_id = :tenant") == []
