"""ID-1: an unmerge gives everybody back what hung on them; what happened since goes with its identifier."""

import random

import pytest

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people.consent.contracts import EVERY, ConsentState

from .conftest import AT, Desk
from .house import House, build_house, move_in


@pytest.fixture
def house(desk: Desk, key_ring: KeyRing) -> House:
    return build_house(desk, key_ring)


@pytest.mark.parametrize("seed", range(3))
async def test_unmerging_every_merge_in_any_order_leaves_everything_as_it_was(
    house: House, seed: int
) -> None:
    dice, count = random.Random(seed), 5
    await move_in(house, count)
    before = await house.snapshot()
    pairs = [tuple(sorted(dice.sample(range(1, count + 1), 2))) for _ in range(7)]
    names = list(
        {
            tuple(dice.choice([f"openid@wx{n}:o{n}", f"external_userid@corp{n}:e{n}"]) for n in pair): None
            for pair in pairs
        }
    )
    for a, b in names:
        await house.edit("link", a, b)
    assert await house.snapshot() != before
    dice.shuffle(names)
    for a, b in names:
        await house.edit("unlink", a, b)
    assert await house.snapshot() == before


async def test_merging_again_after_an_unmerge_is_the_same_merge(house: House) -> None:
    await move_in(house, 2)
    pair = ("openid@wx1:o1", "openid@wx2:o2")
    await house.edit("link", *pair)
    merged = await house.snapshot()
    await house.edit("unlink", *pair)
    await house.edit("link", *pair)
    assert await house.snapshot() == merged


async def test_what_happened_since_goes_with_the_identifier_it_happened_to(house: House) -> None:
    one, two = await move_in(house, 2)
    pair = ("external_userid@corp1:e1", "external_userid@corp2:e2")
    await house.edit("link", *pair)
    await house.write_to("since:1", 1, one)
    await house.write_to("since:2", 2, one)
    await house.desk.query("DELETE FROM follower WHERE tenant_id = :tenant RETURNING 1")
    for number in (1, 2):
        await house.insert(
            "follower", account_id=number, openid_token=house.desk.token(f"openid@wx{number}:o{number}"),
            openid_sealed=house.desk.key_ring.seal(f"o{number}".encode()), person_id=one, first_seen_at=AT,
        )  # fmt: skip
    await house.say(one, EVERY, ConsentState.EXPIRED)
    await house.withdraw(one, EVERY)

    await house.edit("unlink", *pair)

    followers = await house.desk.query(
        "SELECT account_id, person_id FROM follower WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert followers == [(1, one), (2, two)]
    messages = await house.desk.query(
        "SELECT origin_key, person_id FROM message_intent WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert messages == [("first:1", one), ("first:2", two), ("since:1", one), ("since:2", two)]
    # History is told so for both of them, once each.
    told = await house.desk.query(
        "SELECT DISTINCT person_id FROM log_event WHERE tenant_id = :tenant "
        "AND name = 'people.consent_withdrawn' AND right(message_id, length(:who)) = :who",
        who=f":{encode_id('per', one)}",
    )
    assert told == [(one,)]
    told = await house.desk.query(
        "SELECT count(*), count(DISTINCT message_id) FROM log_event WHERE tenant_id = :tenant "
        "AND name = 'people.consent_withdrawn' AND right(message_id, length(:who)) = :who",
        who=f":{encode_id('per', two)}",
    )
    assert told == [(1, 1)]
    # Nobody can tell who of the two did not want to be written to any more: neither is.
    async with house.desk.uows.system(house.desk.tenant) as uow:
        for person, before in ((one, 0), (two, 1)):
            found = await house.consent.of_person(uow, PersonId(person))
            assert {standing.state for standing in found.standings} == {ConsentState.WITHDRAWN}
            said = [entry.state.value for entry in found.entries]
            assert said == ["withdrawn"] * (1 + before) + ["expired"]


async def test_an_identifier_that_never_owned_an_event_takes_along_what_is_its_own(house: House) -> None:
    (person,) = await move_in(house, 1)
    # The openid is the stronger of the two, so the event was its: the customer id owned one of its own.
    await house.desk.resolve(house.desk.row("openid@wx1:o1", "external_userid@corp9:e9"))
    await house.insert(
        "official_account", id=109, app_id="corp9", name="", base_url="", secret_sealed=b"",
        account_key=f"{house.desk.tenant}-9", token_sealed=b"", aes_key_sealed=b"", created_at=AT,
        updated_at=AT,
    )  # fmt: skip
    token = house.desk.token("external_userid@corp9:e9")
    await house.insert("external_contact", corp_id=109, token=token, person_id=person, created_at=AT)
    result = await house.edit("unlink", "openid@wx1:o1", "external_userid@corp9:e9")
    _, alone = result.people
    assert alone != person
    rows = await house.desk.query(
        "SELECT corp_id, person_id FROM external_contact WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert rows == [(101, person), (109, alone)]
