"""Who may be the same person in a living brand (ID-1, "batch match"): found, decided, rolled back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from quanyu.app.matching import MatchServices, build_matching
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.matching.blocking import BLOCK_MAX
from quanyu.modules.people.matching.contracts import (
    MatchDecision,
    MatchState,
    MatchSummary,
    MatchView,
    RollbackRun,
    SaveMatching,
)
from quanyu.modules.people.matching.errors import MatchIsOver, MatchNotFound
from quanyu.modules.people.matching.finder import RUN_PREFIX, Finder
from quanyu.modules.people.matching.model import MODEL
from quanyu.modules.people.matching.queries import MatchQueries
from quanyu.modules.people.matching.service import MATCH_PREFIX
from quanyu.modules.people.separation.contracts import MarkIdentity, SeparateIdentities
from quanyu.modules.people.separation.service import IdentityDesk
from quanyu.modules.people.separation.views import identity_id

from .conftest import AT, Desk
from .house import House, build_house, move_in

WANG = {"name": "王小明", "birthday": "1990-05-17", "city": "杭州", "address": "中山路 12 号 3 室"}
AGAIN = {"name": "王晓明", "birthday": "1990/5/17", "city": "杭州市", "address": "中山路 12 号 3室"}


@dataclass
class Review:
    """The review queue of one brand."""

    house: House
    matching: MatchServices
    finder: Finder

    @property
    def desk(self) -> Desk:
        return self.house.desk

    async def tell(
        self, name: str, traits: dict[str, Any], *, minute: float = 0, also: Sequence[str] = ()
    ) -> int:
        """Let somebody tell who they are; return who they are."""
        result = await self.desk.resolve(self.desk.row(name, *also, traits=traits, minute=minute))
        person = result.canonical_ids[0]
        assert person is not None
        await self.wait([person])
        return person

    async def wait(self, people: Sequence[int]) -> None:
        async with self.desk.uows.system(self.desk.tenant) as uow:
            await MatchQueries(uow).wait(people)

    async def find(self) -> None:
        """Do everything that waits."""
        while await self.matching.chores.run_once(self.desk.tenant):
            pass
        await self.desk.check()

    async def matches(self, state: MatchState = MatchState.OPEN, **asked: Any) -> list[MatchView]:
        async with self.desk.uows.app(self.desk.tenant) as uow:
            return list((await self.matching.desk.list_matches(uow, state=state, **asked)).items)

    async def decide(self, how: str, match: MatchView) -> MatchDecision:
        async with self.desk.uows.system(self.desk.tenant) as uow:
            act = getattr(self.matching.desk, how)
            decision: MatchDecision = await act(uow, decode_id(MATCH_PREFIX, match.id), actor="凌")
        await self.desk.check()
        return decision

    async def set(self, **wanted: Any) -> None:
        async with self.desk.uows.app(self.desk.tenant) as uow:
            await self.matching.runs.save(uow, SaveMatching(**wanted), actor="凌")

    async def summary(self) -> MatchSummary:
        async with self.desk.uows.app(self.desk.tenant) as uow:
            return await self.matching.runs.summary(uow)

    async def model_edges(self) -> list[tuple[Any, ...]]:
        return await self.desk.query(
            "SELECT state, source, note FROM identity_edge WHERE tenant_id = :tenant AND evidence = :model",
            model=MODEL,
        )


@pytest.fixture
def review(desk: Desk, uows: UnitOfWorkFactory, key_ring: KeyRing) -> Review:
    house = build_house(desk, key_ring)
    matching = build_matching(uows, key_ring, house.people, house.merging)
    return Review(house, matching, Finder(uows, key_ring, house.merging))


async def two_who_look_alike(review: Review) -> tuple[int, int]:
    """Two people with everything that hangs on them, who say nearly the same of themselves."""
    one, two = await move_in(review.house, 2)
    assert await review.tell("openid@wx1:o1", WANG) == one
    assert await review.tell("openid@wx2:o2", AGAIN) == two
    await review.find()
    return one, two


async def test_people_who_look_alike_are_suggested_with_the_reasons(review: Review) -> None:
    one, two = await two_who_look_alike(review)
    (match,) = await review.matches()
    assert (match.a.id, match.b.id) == (encode_id("per", one), encode_id("per", two))
    assert (match.model, match.state, match.decided_by) == (MODEL, MatchState.OPEN, "")
    assert match.score > 0.9
    fields = {field.field: field for field in match.fields}
    assert {name: field.level for name, field in fields.items()} == {
        "name": "close", "birth_date": "equal", "city": "equal", "address": "close",
    }  # fmt: skip
    assert (fields["name"].a, fields["name"].b) == (("王小明",), ("王晓明",))
    assert "12 号" not in fields["address"].model_dump_json()  # Masked, as the card of a person masks it.
    assert [field.bits for field in match.fields] == sorted((one.bits for one in match.fields), reverse=True)
    # Filters.
    assert await review.matches(field="name") == [match]
    assert await review.matches(field="email") == []
    assert await review.matches(at_least=1.0) == []


async def test_nothing_that_is_compared_is_stored_in_clear(review: Review) -> None:
    await two_who_look_alike(review)
    for table in ("match_suggestion", "match_person", "match_key", "match_value", "match_run"):
        rows = str(await review.desk.query(f"SELECT * FROM {table} WHERE tenant_id = :tenant"))
        for secret in ("王小明", "王晓明", "1990", "杭州", "中山路"):
            assert secret not in rows, (table, secret)


async def test_accepting_makes_an_edge_of_the_model_and_undoing_restores_everything(review: Review) -> None:
    one, two = await two_who_look_alike(review)
    apart = await review.house.snapshot()
    (match,) = await review.matches()

    done = await review.decide("accept", match)
    assert (done.state, done.people) == (MatchState.ACCEPTED, (encode_id("per", one),))
    assert await review.model_edges() == [("held", match.id, "凌")]
    together = await review.house.snapshot()
    assert together != apart
    followers = await review.desk.query("SELECT DISTINCT person_id FROM follower WHERE tenant_id = :tenant")
    assert followers == [(one,)]
    assert await review.matches() == []
    (accepted,) = await review.matches(MatchState.ACCEPTED)
    assert (accepted.decided_by, accepted.is_automatic) == ("凌", False)
    facts = await review.desk.query(
        "SELECT properties ->> 'actor', properties ->> 'note' FROM log_event "
        "WHERE tenant_id = :tenant AND name = 'people.linked'"
    )
    assert facts == [("凌", MODEL)]
    with pytest.raises(MatchIsOver):
        await review.decide("accept", match)

    undone = await review.decide("undo", match)
    assert undone.people == (encode_id("per", one), encode_id("per", two))
    assert await review.house.snapshot() == apart
    assert await review.model_edges() == []
    await review.find()
    assert [again.id for again in await review.matches()] == [match.id]


async def test_what_was_observed_goes_before_what_a_model_holds_likely(review: Review) -> None:
    """ID-1: deterministic keys are strong; an accepted suggestion yields to them."""
    await two_who_look_alike(review)
    (match,) = await review.matches()
    await review.decide("accept", match)
    # Both turn out to have an openid of the same account: two people, whoever thought otherwise.
    await review.desk.resolve(review.desk.row("openid@wx1:o1", "openid@wx9:x1", minute=9))
    await review.desk.resolve(review.desk.row("openid@wx2:o2", "openid@wx9:x2", minute=9))
    await review.desk.check()
    ((state, _, _),) = await review.model_edges()
    assert state == "demoted"
    names = ["openid@wx1:o1", "openid@wx2:o2"]
    assert await review.desk.people(names) == {frozenset({name}) for name in names}


async def test_a_refused_pair_is_not_suggested_again_whoever_they_merge_with(review: Review) -> None:
    one, two = await two_who_look_alike(review)
    (match,) = await review.matches()
    await review.decide("refuse", match)
    assert await review.matches() == []
    # The second merges with a third, who then looks like the first as well.
    third = await review.tell("openid@wx3:o3", {**WANG, "city": "宁波"})
    await review.desk.resolve(review.desk.row("openid@wx3:o3", "external_userid@corp2:e2", minute=3))
    await review.wait([one, two, third])
    await review.find()
    assert await review.matches() == []
    ((state, reason),) = await review.desk.query(
        "SELECT DISTINCT state, reason FROM match_suggestion WHERE tenant_id = :tenant AND state <> 'refused'"
    ) or [("", "")]
    assert (state, reason) in {("", ""), ("ended", "merged"), ("ended", "changed")}
    (refused,) = await review.matches(MatchState.REFUSED)
    await review.decide("undo", refused)
    await review.find()
    assert [again.score > 0.2 for again in await review.matches()] == [True]


async def test_who_an_operator_separated_is_not_suggested(review: Review, key_ring: KeyRing) -> None:
    one, _ = await two_who_look_alike(review)
    await review.house.edit("link", "openid@wx1:o1", "external_userid@corp2:e2")
    desk = IdentityDesk(key_ring, Warehouse.at("http://127.0.0.1:1"), review.house.merging)
    theirs = tuple(
        identity_id(review.desk.token(name)) for name in ("openid@wx2:o2", "external_userid@corp2:e2")
    )
    async with review.desk.uows.system(review.desk.tenant) as uow:
        command = SeparateIdentities(identities=theirs, reason="two sisters")
        await desk.separate(uow, PersonId(one), command, actor="凌")
    await review.wait([one])
    await review.find()
    assert await review.matches() == []


async def test_a_suggestion_that_holds_no_more_ends_by_itself(review: Review) -> None:
    one, two = await two_who_look_alike(review)
    await review.tell("openid@wx2:o2", {"name": "李雷", "birthday": "1971-01-02", "address": ""}, minute=5)
    await review.find()
    assert await review.matches() == []
    # Said otherwise once more: it comes back, and goes when the two merge by another way.
    await review.tell("openid@wx2:o2", AGAIN, minute=9)
    await review.find()
    (match,) = await review.matches()
    await review.house.edit("link", "openid@wx1:o1", "openid@wx2:o2")
    assert await review.matches() == []
    with pytest.raises(MatchIsOver):
        await review.decide("accept", match)
    await review.wait([one, two])
    await review.find()
    assert await review.desk.query(
        "SELECT state, reason, count(*) FROM match_suggestion WHERE tenant_id = :tenant "
        "GROUP BY 1, 2 ORDER BY 2"
    ) == [("ended", "changed", 1), ("ended", "merged", 1)]
    # They come apart again: so does the suggestion come back.
    await review.house.edit("unlink", "openid@wx1:o1", "openid@wx2:o2")
    await review.desk.query(
        "DELETE FROM identity_edge WHERE tenant_id = :tenant AND state = 'removed' RETURNING 1"
    )
    await review.wait([one, two])
    await review.find()
    assert len(await review.matches()) == 1


async def test_who_cannot_be_one_person_is_never_suggested(review: Review) -> None:
    """ID-2: two followers of one account are two people, however alike."""
    await review.tell("openid@wx1:twin1", WANG)
    await review.tell("openid@wx1:twin2", WANG)
    await review.find()
    assert await review.matches() == []
    ((run),) = (await review.summary()).runs
    assert (run.people, run.suggested, run.impossible) == (2, 0, 1)


async def test_a_shared_phone_suggests_nobody(review: Review, key_ring: KeyRing) -> None:
    """ID-2: a staff phone says nothing of who somebody is, near or equal."""
    one = await review.tell("openid@wx1:a", {"city": "杭州"}, also=["phone:13800138000"])
    two = await review.tell("openid@wx2:b", {"city": "杭州"}, also=["phone:13800138001"])
    await review.find()
    (match,) = await review.matches(field="phone")
    assert {field.field: (field.level, field.a, field.b) for field in match.fields}["phone"] == (
        "close", ("138****8000",), ("138****8001",),
    )  # fmt: skip
    async with review.desk.uows.system(review.desk.tenant) as uow:
        desk = IdentityDesk(key_ring, Warehouse.at("http://127.0.0.1:1"), review.house.merging)
        phone = identity_id(review.desk.token("phone:13800138001"))
        await desk.mark(
            uow, PersonId(two), MarkIdentity(identity=phone, is_shared=True, reason="staff"), actor="凌"
        )
    await review.wait([one, two])
    await review.find()
    assert await review.matches() == []


async def test_above_the_threshold_edges_are_made_and_a_run_is_rolled_back_by_deleting_them(
    review: Review,
) -> None:
    one, two = await move_in(review.house, 2)
    await review.set(auto_min=0.9)
    apart = await review.house.snapshot()
    await review.tell("openid@wx1:o1", WANG)
    await review.tell("openid@wx2:o2", AGAIN)
    told = await review.house.snapshot()
    await review.find()
    assert await review.matches() == []
    (match,) = await review.matches(MatchState.ACCEPTED)
    (run,) = (await review.summary()).runs
    assert (match.is_automatic, match.decided_by, run.joined, run.suggested) == (True, run.id, 1, 1)
    assert await review.model_edges() == [("held", run.id, run.id)]
    assert await review.house.snapshot() != told

    run_id = decode_id(RUN_PREFIX, run.id)
    async with review.desk.uows.app(review.desk.tenant) as uow:
        preview = await review.matching.runs.preview_rollback(uow, run_id, RollbackRun())
        assert (preview.edges, preview.people) == (1, 2)
        await review.matching.runs.ask_rollback(uow, run_id, RollbackRun(), actor="凌")
    await review.find()
    assert await review.house.snapshot() == told != apart
    assert await review.model_edges() == []
    after = await review.summary()
    (run,) = after.runs
    assert (run.rolled_back, run.joined, run.rollback_by) == (1, 0, "凌")
    assert run.rolled_back_at is not None
    assert after.auto_min is None  # A bad model joins nobody any more.
    assert len(await review.matches()) == 1
    # What was taken back is not joined unasked a second time.
    await review.set(auto_min=0.9)
    await review.wait([one, two])
    await review.find()
    assert len(await review.matches()) == 1


async def test_a_rollback_keeps_what_somebody_accepted_unless_told_otherwise(review: Review) -> None:
    await two_who_look_alike(review)
    (match,) = await review.matches()
    await review.decide("accept", match)
    (run,) = (await review.summary()).runs
    run_id = decode_id(RUN_PREFIX, run.id)
    async with review.desk.uows.app(review.desk.tenant) as uow:
        without = await review.matching.runs.preview_rollback(uow, run_id, RollbackRun())
        within = await review.matching.runs.preview_rollback(uow, run_id, RollbackRun(accepted=True))
        assert (without.edges, within.edges, within.people) == (0, 1, 2)
        await review.matching.runs.ask_rollback(uow, run_id, RollbackRun(), actor="凌")
    await review.find()
    assert len(await review.model_edges()) == 1
    async with review.desk.uows.app(review.desk.tenant) as uow:
        await review.matching.runs.ask_rollback(uow, run_id, RollbackRun(accepted=True), actor="凌")
    await review.find()
    assert await review.model_edges() == []


async def test_blocks_too_large_are_left_out_and_counted(review: Review) -> None:
    people = []
    for number in range(BLOCK_MAX + 2):
        people.append(await review.tell(f"openid@wx{number}:o{number}", {"name": "张伟", "city": "杭州"}))
    await review.find()
    (run,) = (await review.summary()).runs
    assert run.people == len(people)
    assert run.blocks_dropped > 0
    assert run.pairs == 0


async def test_a_crash_repeats_a_batch_and_changes_nothing_twice(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    await review.tell("openid@wx1:o1", WANG)
    await review.tell("openid@wx2:o2", AGAIN)

    async def crash(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Finder, "_conclude", crash)
        with pytest.raises(RuntimeError):
            await review.finder.step(review.desk.tenant)
    assert (await review.summary()).waiting == 2
    values = await review.desk.query(
        "SELECT value, people FROM match_value WHERE tenant_id = :tenant ORDER BY 1"
    )
    await review.find()
    assert values == await review.desk.query(
        "SELECT value, people FROM match_value WHERE tenant_id = :tenant ORDER BY 1"
    )
    assert len(await review.matches()) == 1
    assert (await review.summary()).waiting == 0


async def test_everybody_is_compared_on_demand_in_parts_with_progress(review: Review) -> None:
    for number in range(1, 6):
        await review.tell(f"openid@wx{number}:o{number}", WANG if number < 3 else {"name": f"路人{number}"})
    await review.desk.query("DELETE FROM match_pending WHERE tenant_id = :tenant RETURNING 1")
    async with review.desk.uows.app(review.desk.tenant) as uow:
        await review.matching.runs.start(uow, actor="凌")
    assert await review.finder.step(review.desk.tenant, size=2) == 2
    half = await review.summary()
    assert (half.waiting, half.compared, half.people, half.runs[0].finished_at) == (3, 2, 5, None)
    await review.find()
    whole = await review.summary()
    assert (whole.open, whole.compared, whole.waiting) == (1, 5, 0)
    assert (whole.runs[0].kind, whole.runs[0].people, whole.runs[0].progress) == ("all", 5, 1.0)
    assert whole.runs[0].finished_at is not None


async def test_who_changes_waits_to_be_compared_unless_the_brand_does_not_want_it(
    review: Review, uows: UnitOfWorkFactory, warehouse: Warehouse
) -> None:
    copier = ProfileCopier(uows, warehouse)
    await review.desk.resolve(review.desk.row("openid@wx1:o1", traits=WANG))
    await copier.copy_changes(review.desk.tenant)
    assert (await review.summary()).waiting == 1
    await review.find()
    # An identifier nobody had is something new to compare, too.
    await review.desk.resolve(review.desk.row("openid@wx1:o1", "phone:13800138000"))
    await copier.copy_changes(review.desk.tenant)
    assert (await review.summary()).waiting == 1
    await review.find()
    await review.set(is_on=False)
    await review.desk.resolve(review.desk.row("openid@wx2:o2", traits=AGAIN))
    await copier.copy_changes(review.desk.tenant)
    off = await review.summary()
    assert (off.waiting, off.is_on) == (0, False)


async def test_one_brand_sees_nothing_of_another(review: Review) -> None:
    await two_who_look_alike(review)
    (match,) = await review.matches()
    async with review.desk.uows.app(TenantId(review.desk.tenant + 500_000)) as uow:
        assert (await review.matching.desk.list_matches(uow)).items == ()
        assert (await review.matching.runs.summary(uow)).open == 0
        with pytest.raises(MatchNotFound):
            await review.matching.desk.refuse(uow, decode_id(MATCH_PREFIX, match.id), actor="凌")


async def test_a_family_phone_waits_for_review_until_it_is_marked_or_left(review: Review) -> None:
    """ID-2: a phone two followers of one account use stays with the first; that it did is shown."""
    await review.desk.resolve(
        review.desk.row("openid@wx1:mother", "phone:13800138000", minute=1),
        review.desk.row("openid@wx1:father", "phone:13800138000", minute=2),
    )
    async with review.desk.uows.app(review.desk.tenant) as uow:
        (case,) = (await review.matching.cases.list_cases(uow)).items
        assert (case.kind, case.reasons, case.people) == ("limit", ("limit:openid",), 2)
        assert (case.identity.value_masked, case.since) == ("138****8000", AT + timedelta(minutes=2))
        await review.matching.cases.settle(uow, case.identity.id, actor="凌")
        assert (await review.matching.cases.list_cases(uow)).items == ()
    # A third person with the same phone: more of the same is shown again.
    await review.desk.resolve(review.desk.row("openid@wx1:uncle", "phone:13800138000", minute=3))
    async with review.desk.uows.app(review.desk.tenant) as uow:
        (case,) = (await review.matching.cases.list_cases(uow)).items
        assert case.people == 3


async def test_who_is_erased_leaves_nothing_to_compare_behind(review: Review) -> None:
    """ID-3: erasure reaches every store."""
    one, two = await two_who_look_alike(review)
    await review.wait([two])
    async with review.desk.uows.system(review.desk.tenant) as uow:
        await review.matching.desk.forget(uow, [PersonId(two)])
    assert await review.matches() == []
    for table in ("match_person", "match_key", "match_pending"):
        rows = await review.desk.query(f"SELECT person_id FROM {table} WHERE tenant_id = :tenant")
        assert {row[0] for row in rows} <= {one}, table
    ((most,),) = await review.desk.query("SELECT max(people) FROM match_value WHERE tenant_id = :tenant")
    assert most == 1


async def test_a_value_that_ties_too_many_together_waits_for_review(review: Review) -> None:
    """Merge cap: above it quarantine and human review; marking the value shared settles nobody into one."""
    rows = [
        review.desk.row(f"user_id:u{number}", "phone:13800138000", minute=number) for number in range(1_050)
    ]
    await review.desk.resolve(*rows)
    async with review.desk.uows.app(review.desk.tenant) as uow:
        (case,) = (await review.matching.cases.list_cases(uow)).items
        assert (case.kind, case.identity.flag, case.identity.value_masked) == (
            "quarantined", "quarantined", "138****8000",
        )  # fmt: skip
        assert (case.people, len(case.shown)) == (1_050, 5)
        await review.matching.cases.settle(uow, case.identity.id, actor="凌")
        assert (await review.matching.runs.summary(uow)).cases == 0
    assert await review.desk.query(
        "SELECT settled_by FROM identity_quarantine WHERE tenant_id = :tenant"
    ) == [("凌",)]
