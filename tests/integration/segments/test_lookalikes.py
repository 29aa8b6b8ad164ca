"""Lookalikes on a brand whose truth is known: who is like the seed is found, tested, and used after a yes."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from integration.segments.test_lists import evaluated
from integration.segments.test_membership import merge, on_device
from integration.segments.world import Api, Brand, happened
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import OnProgress, WorkPool
from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.segments.lists.contracts import ListOrigin
from quanyu.modules.segments.lists.service import KeptPeople, Lists
from quanyu.modules.segments.lookalike import routes
from quanyu.modules.segments.lookalike.contracts import (
    FeatureKind,
    LookalikeList,
    LookalikeRefusal,
    LookalikeSearch,
    LookalikeState,
    LookalikeWarning,
    SaveLookalike,
)
from quanyu.modules.segments.lookalike.errors import LookalikeDoubtful, NothingProposed
from quanyu.modules.segments.lookalike.service import Lookalikes
from quanyu.modules.segments.refresh import Refresher

FANS = [f"fan{n}" for n in range(80)]
OTHERS = [f"other{n}" for n in range(120)]
SEED = FANS[:40]
T = TypeVar("T")


@pytest.fixture
def lists(brand: Brand, warehouse: Warehouse, key_ring: KeyRing) -> Lists:
    return Lists(brand.uows, warehouse, key_ring, brand.segments)


class HerePool(WorkPool):
    """Does the work in this process: libraries are loaded once for all tests."""

    async def run(self, work: Callable[..., T], *arguments: Any, on_progress: OnProgress | None = None) -> T:
        return await self.run_small(work, *arguments)


@pytest.fixture
def desk(brand: Brand, warehouse: Warehouse, lists: Lists) -> Lookalikes:
    return Lookalikes(brand.uows, warehouse, brand.segments, lists, HerePool())


def _acts(brand: Brand) -> list[IntakeEvent]:
    """Who loves tea looks at it often and lately, and mostly lives in Hangzhou; the others seldom do."""
    now, told = brand.clock.now(), []
    for number, user in enumerate(FANS + OTHERS):
        loves = user in FANS
        far = number % 7 == 0
        told.append(
            happened("", user, now - timedelta(days=90), kind="identify", message_id=f"id:{user}",
                     traits={"city": "杭州" if loves != far else "北京", "age": 20 + number % 40})
        )  # fmt: skip
        told += [
            happened("Tea Viewed", user, now - timedelta(days=3 + number % 20, minutes=turn))
            for turn in range(3 + number % 3 if loves else number % 9 == 0)
        ]
        told.append(happened("Page Viewed", user, now - timedelta(days=number % 30)))
    return told


async def _ids(brand: Brand) -> dict[str, int]:
    users = (*FANS, *OTHERS)
    async with brand.uows.system(brand.tenant) as uow:
        found = await brand.people.people_by_identifier(
            uow, [Identifier("user_id", "", user) for user in users]
        )
    return {user: int(person or 0) for user, person in zip(users, found, strict=True)}


async def _kept(lists: Lists, brand: Brand, name: str, people: list[int]) -> str:
    kept = KeptPeople(people=people, origin=ListOrigin.SNAPSHOT, detail={}, as_of=brand.clock.now())
    view = await lists.keep(brand.tenant, name=name, description="", kept=kept, by="王芳")
    await evaluated(brand, view)
    return view.segment.id


async def _look(brand: Brand, desk: Lookalikes, made: LookalikeList) -> LookalikeList:
    assert await desk.run_once(brand.tenant) == 1
    async with brand.uows.app(brand.tenant) as uow:
        return await desk.view(uow, decode_id("seg", made.list.segment.id))


async def test_the_likest_are_found_tested_and_used_after_a_yes(
    brand: Brand, desk: Lookalikes, lists: Lists
) -> None:
    await brand.tell(*_acts(brand))
    # One more fan looked at tea on a telephone of her own before anybody knew it was her.
    now = brand.clock.now()
    shy = [on_device("shy", now - timedelta(days=2)), on_device("shy2", now - timedelta(days=2))]
    await brand.tell(*shy)
    await merge(brand, "shy", "shy2")
    ids = await _ids(brand)
    seed = await _kept(lists, brand, "铁粉", [ids[user] for user in SEED])
    barred = await _kept(lists, brand, "黑名单", [ids[user] for user in FANS[40:45]])
    await brand.tell(
        happened(
            "people.consent_withdrawn", FANS[45], now, properties={"purpose": "marketing", "channel": "sms"}
        )
    )

    made = await desk.create(
        brand.tenant,
        SaveLookalike(
            name="相似",
            search=LookalikeSearch(
                seed=seed,
                people=34,
                exclude=(barred,),
                withdrawn=({"purpose": "marketing", "channel": "sms"},),
            ),
        ),
        by="王芳",
    )
    assert (made.lookalike.state, made.lookalike.step, made.lookalike.seed_name) == (
        LookalikeState.WANTED, "waiting", "铁粉",
    )  # fmt: skip
    found = await _look(brand, desk, made)

    card = found.lookalike.card
    assert (found.lookalike.state, found.list.entries) == (LookalikeState.PROPOSED, 0)
    assert card is not None
    assert card.quality is not None
    assert (card.seed, card.candidates, card.excluded, card.proposed) == (40, 155, 6, 34)
    # 34 of 155 at random would hold 22 % of the seed; of the part it did not see, most are found.
    assert card.quality.held_out == 40
    assert card.quality.asked.found > 0.8
    assert card.quality.lift_low > 2.5
    assert card.warnings == (LookalikeWarning.SEED_SMALL,)
    told = [(one.kind, one.name) for one in card.reasons]
    assert told[0][1] == "Tea Viewed"
    assert (FeatureKind.ATTRIBUTE, "city") in told
    segment = decode_id("seg", made.list.segment.id)
    assert await evaluated(brand, found.list) == []

    with pytest.raises(LookalikeDoubtful):
        await desk.use(brand.tenant, segment, despite_warnings=False)
    used = await desk.use(brand.tenant, segment, despite_warnings=True)
    assert (used.lookalike.state, used.list.entries) == (LookalikeState.USED, 34)
    members = await evaluated(brand, used.list)
    truth = {ids[user] for user in FANS[46:]}
    assert len(truth & set(members)) >= 32
    assert not {ids[user] for user in (*SEED, *FANS[40:46])} & set(members)
    with pytest.raises(NothingProposed):
        await desk.use(brand.tenant, segment, despite_warnings=True)

    # Found again for half as many: the others stay until the yes.
    again = await desk.find_again(
        brand.tenant, segment, LookalikeSearch(seed=seed, share_bps=1_000), by="李雷"
    )
    assert again.lookalike.state is LookalikeState.WANTED
    again = await _look(brand, desk, again)
    assert again.lookalike.card is not None
    assert (again.lookalike.card.proposed, again.list.entries) == (16, 34)
    assert await evaluated(brand, again.list) == members
    again = await desk.use(brand.tenant, segment, despite_warnings=True)
    assert len(await evaluated(brand, again.list)) == again.list.entries == 16


async def test_chance_is_called_chance_and_few_are_refused(
    brand: Brand, desk: Lookalikes, lists: Lists, warehouse: Warehouse
) -> None:
    await brand.tell(*_acts(brand))
    ids = list((await _ids(brand)).values())
    seed = await _kept(lists, brand, "随机", ids[::4])
    few = await _kept(lists, brand, "太少", ids[:9])
    api = Api(brand, first=[routes.router(desk)])

    status, made = await api.call(
        "POST", "/api/v1/segments/lookalikes", {"name": "碰运气", "search": {"seed": seed, "people": 30}}
    )
    assert status == 201
    segment = made["list"]["segment"]["id"]
    assert await desk.run_once(brand.tenant) == 1
    status, found = await api.call("GET", f"/api/v1/segments/{segment}/lookalike")
    assert found["lookalike"]["card"]["warnings"] == ["nothing_separates"]
    status, problem = await api.call("POST", f"/api/v1/segments/{segment}/lookalike/use")
    assert (status, problem["code"]) == (409, "segments.lookalike_doubtful")

    status, again = await api.call(
        "POST", f"/api/v1/segments/{segment}/lookalike/find", {"seed": few, "share_bps": 500}
    )
    assert (status, again["lookalike"]["state"], again["list"]["versions"][0]["state"]) == (
        200, "wanted", "dropped",
    )  # fmt: skip
    assert await desk.run_once(brand.tenant) == 1
    status, found = await api.call("GET", f"/api/v1/segments/{segment}/lookalike")
    assert found["lookalike"]["state"] == "refused"
    assert found["lookalike"]["card"]["refusal"] == LookalikeRefusal.SEED_TOO_SMALL
    # Entries that nobody accepted are taken away with the next evaluation.
    await Refresher(brand.uows, warehouse, brand.segments._tenants).refresh(
        brand.tenant, decode_id("seg", segment)
    )
    async with brand.uows.system(brand.tenant) as uow:
        list_id = await lists.list_of(uow, decode_id("seg", segment))
        left = await uow.execute(
            "SELECT count(*) FROM segment_list_entry WHERE tenant_id = :tenant AND list_id = :list",
            {"tenant": brand.tenant, "list": list_id},
        )
        assert left.scalar_one() == 0
    status, problem = await api.call("GET", f"/api/v1/segments/{seed}/lookalike")
    assert (status, problem["code"]) == (404, "segments.no_lookalike")
    gone = encode_id("seg", 1)
    status, problem = await api.call(
        "POST", "/api/v1/segments/lookalikes", {"name": "无", "search": {"seed": gone, "people": 1}}
    )
    assert (status, problem["code"]) == (404, "segments.not_found")

    # Stopped while it waits, it is not begun; and what the end of the program cut off begins again.
    await api.call("POST", f"/api/v1/segments/{segment}/lookalike/find", {"seed": few, "people": 5})
    status, stopped = await api.call("POST", f"/api/v1/segments/{segment}/lookalike/stop")
    assert (status, stopped["lookalike"]["state"]) == (200, "stopped")
    assert await desk.run_once(brand.tenant) == 0
    await api.call("POST", f"/api/v1/segments/{segment}/lookalike/find", {"seed": seed, "people": 5})
    ending = asyncio.Event()
    ending.set()
    await desk.run_once(brand.tenant, ending)
    assert await desk.run_once(brand.tenant) == 0
    ended = asyncio.Event()
    ended.set()
    await desk.run(brand.tenant, ended)
    assert await desk.run_once(brand.tenant) == 1
    status, found = await api.call("GET", f"/api/v1/segments/{segment}/lookalike")
    assert found["lookalike"]["state"] == "proposed"
