"""ID-3: erasure reaches every store, can be cut short anywhere, and lets nobody come back by old data."""

import asyncio
import io
import zipfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integration.events.world import RUNNING, Brand, make_brand
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.rights import register
from quanyu.flows.rights.again import ErasuresAgain
from quanyu.flows.rights.contracts import OpenRightsRequest, RightsKind, RightsSettings, RightsState
from quanyu.flows.rights.erasure import Erasure
from quanyu.flows.rights.packages.contracts import PackageLanguage, PackageView, StartPackage
from quanyu.flows.rights.packages.gathering import all_sources
from quanyu.flows.rights.packages.lock import PackageLock
from quanyu.flows.rights.packages.service import PackageFiles, RightsPackages
from quanyu.flows.rights.packages.sources.base import Tools
from quanyu.flows.rights.remembered import ErasureEntry, ErasureRegister
from quanyu.flows.rights.service import RightsDesk
from quanyu.flows.rights.tombstones import Tombstones
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.sealed_files import SealedFiles
from quanyu.infra.unit_of_work import FactIdentifier, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.web import Caller
from quanyu.infra.work_pool import WorkPool
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id
from quanyu.kernel.permissions import ALL
from quanyu.modules.events.archive.redaction import ArchiveRedaction
from quanyu.modules.people.consent.contracts import ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.people.sealing import token_of
from quanyu.modules.tenants.service import Tenants


class Nothing:
    async def follow(self, *_: Any) -> None:
        """Nobody merges here."""


@dataclass
class Office:
    """A brand with two customers, its register, and the worker that erases."""

    brand: Brand
    desk: RightsDesk
    erasure: Erasure
    keys: KeyRing
    packages: RightsPackages

    def caller(self, user: int) -> Caller:
        return Caller(self.brand.tenant_id, user, f"同事{user}", permissions=ALL)

    async def person(self, user: str) -> int | None:
        token = token_of(self.keys, FactIdentifier(namespace="user_id", scope="", value=user))
        async with self.brand.uows.system(self.brand.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT canonical_id FROM identity WHERE tenant_id = :t AND token = :token",
                {"t": self.brand.tenant_id, "token": token},
            )
            row = rows.first()
            return None if row is None else int(row[0])

    async def ask(self, user: str, kind: RightsKind) -> str:
        person = await self.person(user)
        assert person is not None
        command = OpenRightsRequest(person=encode_id("per", person), kind=kind, verified_how="身份证原件")
        async with self.brand.uows.app(self.brand.tenant_id) as uow:
            return await self.desk.open(uow, command, self.caller(1))

    async def confirm(self, request: str, user: int) -> Any:
        async with self.brand.uows.app(self.brand.tenant_id) as uow:
            return await self.desk.confirm(uow, request, self.caller(user))

    async def look(self, request: str) -> Any:
        async with self.brand.uows.app(self.brand.tenant_id) as uow:
            return await self.desk.get(uow, request)

    async def gather(self, request: str, language: PackageLanguage | None = None) -> PackageView:
        """Ask for a package, and work until it is whole."""
        async with self.brand.uows.app(self.brand.tenant_id) as uow:
            await self.packages.start(uow, request, StartPackage(language=language), actor="同事1")
        while await self.packages.run_once(self.brand.tenant_id):
            pass
        return (await self.packages_of(request))[0]

    async def packages_of(self, request: str) -> tuple[PackageView, ...]:
        async with self.brand.uows.app(self.brand.tenant_id) as uow:
            return (await self.packages.of_request(uow, request)).items

    async def take(self, package: PackageView, user: int = 2) -> zipfile.ZipFile:
        async with self.brand.uows.app(self.brand.tenant_id) as uow:
            file = await self.packages.fetch(uow, package.id, actor=f"同事{user}")
            return zipfile.ZipFile(io.BytesIO(b"".join(file.pieces)))

    async def history(self) -> dict[int, int]:
        """Return how many events of each person the warehouse holds."""
        rows = await self.brand.warehouse.query(
            "SELECT person, count() FROM events WHERE tenant_id = {tenant:UInt32} GROUP BY person", {}
        )
        return {int(person): int(count) for person, count in rows}

    async def revenue(self) -> str:
        rows = await self.brand.warehouse.query(
            "SELECT toString(sum(revenue)) FROM events WHERE tenant_id = {tenant:UInt32}", {}
        )
        return str(rows[0][0])


def event(name: str, user: str, at: Any, **more: Any) -> IntakeEvent:
    return IntakeEvent(
        kind=more.pop("kind", "track"),
        name=name,
        source="shop",
        message_id=f"{name}:{user}:{at.isoformat()}",
        occurred_at=at,
        identifiers=(FactIdentifier(namespace="user_id", scope="", value=user),),
        **more,
    )


@pytest.fixture
async def office(
    tenant_id: TenantId,
    clock: FixedClock,
    uows: UnitOfWorkFactory,
    database: Database,
    warehouse: Warehouse,
    key_ring: KeyRing,
    tmp_path: Path,
) -> Office:
    made = await make_brand(tenant_id, clock, uows, database, warehouse, key_ring, tmp_path)
    brand = replace(made, resolve=Resolve(uows, Resolver(key_ring), Nothing(), forgets=Tombstones()))
    archive = ArchiveRedaction(uows, database, brand.archive.directory)
    packages = build_packages(brand, database, warehouse, key_ring, tmp_path)
    desk = RightsDesk(uows, warehouse, Tenants(), Consent(), packages)
    remembered = ErasureRegister(tmp_path / "erasures.jsonl", key_ring)
    erasure = Erasure(uows, warehouse, archive, brand.intake, key_ring, remembered, tmp_path / "imports")
    office = Office(brand, desk, erasure, key_ring, packages)
    await fill(office)
    return office


def build_packages(
    brand: Brand, database: Database, warehouse: Warehouse, key_ring: KeyRing, place: Path
) -> RightsPackages:
    """Return what gathers, as a process that was just started."""
    files = PackageFiles(
        gathered=SealedFiles(place / "packages" / "gathered", key_ring, purpose="rights-gathered"),
        packed=SealedFiles(place / "packages" / "packed", key_ring, purpose="rights-package"),
    )
    sources = all_sources(
        Tools(brand.uows, key_ring),
        warehouse=warehouse,
        archive=brand.archive,
        intake=brand.intake,
        pool=WorkPool(),
        imports=place / "imports",
    )
    return RightsPackages(brand.uows, key_ring, Tenants(), files, sources, PackageLock(database))


async def fill(office: Office) -> None:
    """Two customers with orders: yesterday's events in the archive, today's in the log."""
    brand = office.brand
    for _ in range(2):
        at = brand.clock.now()
        for user in ("anna", "ben"):
            bought = {
                "order_id": f"{len(user)}-{at.date()}",
                "revenue": "19.90",
                "currency": "CNY",
                "note": user,
            }
            await brand.accept(
                event(
                    "Identify",
                    user,
                    at,
                    kind="identify",
                    traits={"name": user, "city": "杭州"},
                ),
                event("Order Completed", user, at, properties=bought),
            )
        await brand.pipeline()
        brand.clock.advance(timedelta(days=1))
    person = await office.person("anna")
    assert person is not None
    async with brand.uows.system(brand.tenant_id) as uow:
        saying = Saying(
            person_id=PersonId(person), operation_id="a", purpose="marketing", channel=ConsentChannel.ALL,
            state=ConsentState.GRANTED, text_version=None, source=ConsentSource.PAGE,
            occurred_at=uow.clock.now(),
        )  # fmt: skip
        await Consent().say(uow, saying)
        await uow.execute(
            "INSERT INTO match_pending (tenant_id, person_id) VALUES (:t, :p) ON CONFLICT DO NOTHING",
            {"t": brand.tenant_id, "p": person},
        )
    await brand.pipeline()
    brand.clock.advance(timedelta(days=29))
    await brand.archiver().run_once(RUNNING)


async def leftovers(office: Office, person: int) -> list[str]:
    """Return where the person's id or words still stand, apart from what stays pseudonymous."""
    brand, found = office.brand, []
    for table in ("person_attribute", "match_pending", "identity"):
        rows = await brand.rows(f"SELECT 1 FROM {table} WHERE tenant_id = :t AND person_id = {person}")
        found += [table] * len(rows)
    rows = await brand.rows(
        "SELECT properties::text || coalesce(identifiers::text, '') || coalesce(encode(sealed, 'hex'), '') "
        "FROM log_event WHERE tenant_id = :t AND message_id <> 'erased' AND properties::text LIKE '%anna%'"
    )
    found += ["log_event"] * len(rows)
    found += ["log_batch"] * len(
        await brand.rows(f"SELECT 1 FROM log_batch WHERE tenant_id = :t AND {person} = ANY(person_ids)")
    )
    payloads = await brand.payloads()
    found += ["archive"] * sum(b"anna" in payload for payload in payloads)
    found += ["warehouse"] * (person in await office.history())
    return found


async def test_an_erasure_reaches_every_store_and_tells_what_it_did(office: Office) -> None:
    anna, ben = await office.person("anna"), await office.person("ben")
    assert anna is not None
    assert ben is not None
    before, revenue = await office.history(), await office.revenue()
    assert set(await leftovers(office, anna)) >= {"log_batch", "archive", "warehouse", "person_attribute"}
    request = await office.ask("anna", RightsKind.ERASURE)
    preview = await office.desk.preview(office.brand.tenant_id, request)
    assert (preview.events, preview.identifiers) == (before[anna], 1)
    assert preview.erased["match_pending"] == 1
    assert preview.erased["person_attribute"] > 0
    assert await office.history() == before

    assert (await office.confirm(request, user=2)).state == "confirmed"  # A second person: no delay.
    assert await office.erasure.run_once(office.brand.tenant_id) == 1

    done = await office.look(request)
    assert done.state == "done"
    assert done.report["done"]["match_pending"] == 1
    assert done.report["done"]["warehouse"]["events"] == before[anna]
    assert done.report["done"]["archive"] > 0
    assert "consent_entry" in done.report["kept"]
    assert await leftovers(office, anna) == []
    assert await office.person("anna") is None
    # Everybody else is as before, and the money adds up.
    assert await office.person("ben") == ben
    assert (await office.history())[ben] == before[ben]
    assert await office.revenue() == revenue
    assert await office.brand.rows(f"SELECT 1 FROM consent_entry WHERE tenant_id = :t AND person_id = {anna}")


async def test_old_data_stays_nobodys_and_a_new_visit_is_a_new_person(office: Office) -> None:
    anna = await office.person("anna")
    request = await office.ask("anna", RightsKind.ERASURE)
    await office.confirm(request, user=2)
    await office.erasure.run_once(office.brand.tenant_id)
    brand = office.brand
    old = brand.clock.now() - timedelta(days=3)
    await brand.accept(event("Imported", "anna", old, properties={"note": "anna"}))
    await brand.pipeline()
    assert await office.person("anna") is None
    assert await leftovers(office, anna or 0) == []
    brand.clock.advance(timedelta(minutes=1))
    await brand.accept(event("Visited", "anna", brand.clock.now()))
    await brand.pipeline()
    again = await office.person("anna")
    assert again is not None
    assert again != anna
    assert (await office.history())[again] == 1


@pytest.mark.parametrize("at", ["person", "welcome", "log_upto", "warehouse", "archive"])
async def test_an_erasure_cut_short_anywhere_goes_on_and_leaves_nothing_half(
    office: Office, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await office.person("anna")
    revenue = await office.revenue()
    request = await office.ask("anna", RightsKind.ERASURE)
    await office.confirm(request, user=2)
    keep = register.keep_steps

    async def dies(uow: Any, number: int, steps: Any) -> None:
        if at in steps:  # What the step did is done; that it was is not written down.
            raise asyncio.CancelledError
        await keep(uow, number, steps)

    monkeypatch.setattr(register, "keep_steps", dies)
    with pytest.raises(asyncio.CancelledError):
        await office.erasure.run_once(office.brand.tenant_id)
    monkeypatch.setattr(register, "keep_steps", keep)
    assert await office.erasure.run_once(office.brand.tenant_id) == 0  # Whoever died still holds it.
    office.brand.clock.advance(register.LEASE)
    assert await office.erasure.run_once(office.brand.tenant_id) == 1
    assert await leftovers(office, anna or 0) == []
    assert await office.revenue() == revenue
    assert (await office.look(request)).state == "done"


async def test_whoever_confirms_alone_waits_and_may_take_it_back(office: Office) -> None:
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        await office.desk.save_settings(uow, RightsSettings(delay_hours=48))
    request = await office.ask("anna", RightsKind.ERASURE)
    await office.confirm(request, user=1)
    office.brand.clock.advance(timedelta(hours=47))
    assert await office.erasure.run_once(office.brand.tenant_id) == 0
    assert await office.person("anna") is not None
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        await office.desk.refuse(uow, request, "客户改变主意", office.caller(1))
    office.brand.clock.advance(timedelta(hours=2))
    assert await office.erasure.run_once(office.brand.tenant_id) == 0
    assert await office.person("anna") is not None


async def test_an_objection_withdraws_everything(office: Office) -> None:
    person = await office.person("ben")
    request = await office.ask("ben", RightsKind.OBJECTION)
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        await office.desk.close(uow, request, "已停止", office.caller(2))
        found = await Consent().of_person(uow, PersonId(person or 0))
    assert {one.state for one in found.standings} == {ConsentState.WITHDRAWN}


async def test_trouble_is_shown_with_the_step_it_stands_at_and_tried_again_on_request(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await office.person("anna")
    request = await office.ask("anna", RightsKind.ERASURE)
    await office.confirm(request, user=2)
    redact = ArchiveRedaction.redact

    async def full(*_: Any) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(ArchiveRedaction, "redact", full)
    with pytest.raises(OSError, match="no space left"):
        await office.erasure.run_once(office.brand.tenant_id)
    stuck = await office.look(request)
    assert (stuck.state, stuck.attempts, stuck.trouble) == ("running", 1, "OSError")
    assert [(one.name, one.state) for one in stuck.steps] == [
        ("person", "done"), ("tables", "done"), ("aside", "done"),
        ("log", "done"), ("warehouse", "done"), ("archive", "running"),
    ]  # fmt: skip
    assert await office.erasure.run_once(office.brand.tenant_id) == 0  # It rests first.
    monkeypatch.setattr(ArchiveRedaction, "redact", redact)
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        await office.desk.retry(uow, request)
    assert await office.erasure.run_once(office.brand.tenant_id) == 1
    done = await office.look(request)
    assert (done.state, done.attempts, done.trouble) == ("done", 2, "")
    assert {one.state for one in done.steps} == {"done"}
    assert await leftovers(office, anna or 0) == []


async def test_the_register_is_told_page_by_page_and_by_person(office: Office) -> None:
    made = [await office.ask(user, RightsKind.ACCESS) for user in ("anna", "ben", "anna")]
    person = encode_id("per", await office.person("anna") or 0)
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        desk = office.desk
        first = await desk.list_requests(uow, limit=2)
        rest = await desk.list_requests(uow, limit=2, cursor=first.next_cursor)
        hers = await desk.list_requests(uow, person=person)
        await desk.close(uow, made[1], "已交付", office.caller(1))
        done = await desk.list_requests(uow, state=RightsState.DONE, kind=RightsKind.ACCESS)
    assert [one.id for one in (*first.items, *rest.items)] == made[::-1]
    assert (first.waiting, first.overdue, rest.next_cursor) == (3, 0, None)
    assert [one.id for one in hers.items] == [made[2], made[0]]
    assert ([one.id for one in done.items], done.waiting) == ([made[1]], 2)
    office.brand.clock.advance(timedelta(days=40))
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        assert (await office.desk.list_requests(uow)).overdue == 2


async def test_what_the_database_lost_is_erased_again_and_whoever_came_back_since_is_not(
    office: Office, tmp_path: Path
) -> None:
    """A database brought back to before an erasure; then one of after it, where anna is known anew."""
    brand, anna = office.brand, await office.person("anna")
    request = await office.ask("anna", RightsKind.ERASURE)
    number = decode_id("rgt", request)
    token = token_of(office.keys, FactIdentifier(namespace="user_id", scope="", value="anna"))
    remembered = ErasureRegister(tmp_path / "copy.jsonl", office.keys)
    now = brand.clock.now()
    entry = ErasureEntry(
        tenant_id=brand.tenant_id, request_id=number, person_id=anna or 0,
        people=((await office.person("ben") or 0, now),),  # His number, but not made at that instant.
        tokens=(token or b"",), erased_at=now, received_at=now, due_on=now.date(),
    )  # fmt: skip
    remembered.append(entry)
    again = ErasuresAgain(brand.uows, office.erasure, remembered)
    assert await again.catch_up([brand.tenant_id]) == 1
    assert await leftovers(office, anna or 0) == []
    assert await office.person("ben") is not None
    done = await office.look(request)
    assert (done.state, done.report["again"]["found"]) == ("done", 1)
    brand.clock.advance(timedelta(minutes=1))
    await brand.accept(event("Visited", "anna", brand.clock.now()))
    await brand.pipeline()
    back = await office.person("anna")
    assert back is not None
    assert await again.catch_up([brand.tenant_id]) == 0
    assert await office.person("anna") == back


async def test_erasures_of_before_the_register_are_noted_in_it(office: Office, tmp_path: Path) -> None:
    request = await office.ask("anna", RightsKind.ERASURE)
    await office.confirm(request, user=2)
    await office.erasure.run_once(office.brand.tenant_id)
    (written,) = ErasureRegister(tmp_path / "erasures.jsonl", office.keys).entries()
    empty = ErasureRegister(tmp_path / "empty.jsonl", office.keys)
    again = ErasuresAgain(office.brand.uows, office.erasure, empty)
    assert await again.catch_up([office.brand.tenant_id]) == 0
    assert empty.entries() == [replace(written, people=())]
