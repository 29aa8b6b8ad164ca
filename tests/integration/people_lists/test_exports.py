"""Exports of people: each once, masked, sealed, noted, gone when their time is over or somebody is erased."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from integration.people_lists.test_jobs import arrived
from integration.segments.world import Api, Brand
from quanyu.app.people_lists import PeopleListServices
from quanyu.flows.rights.tombstones import bury
from quanyu.infra.web import Caller
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.kernel.permissions import Permission
from quanyu.modules.people.bulk.contracts import MeantPeople
from quanyu.modules.people.contracts import AttributeWrite, Identifier
from quanyu.modules.people.export import service as export_service
from quanyu.modules.people.export.access import require_reveal
from quanyu.modules.people.export.contracts import StartExport
from quanyu.modules.people.export.errors import ExportGone, MayNotReveal
from quanyu.modules.people.export.queries import ExportQueries

EXPORTS = "/api/v1/people-exports"
USERS = ("ada", "bo", "cy", "dee", "eve")


@pytest.fixture
async def people(brand: Brand) -> list[str]:
    await brand.tell(*[arrived(user, brand.clock.now()) for user in USERS])
    async with brand.uows.system(brand.tenant) as uow:
        named = [Identifier("email", "", f"{user}@example.com") for user in USERS]
        found = await brand.people.people_by_identifier(uow, named)
        await brand.people.set_attributes(
            uow,
            [AttributeWrite(person_id=PersonId(one or 0), key="city", value="=1+1") for one in found],
            source="crm",
        )
    return [encode_id("per", int(one or 0)) for one in found]


async def started(brand: Brand, services: PeopleListServices, people: list[str], **more: Any) -> str:
    wanted: dict[str, Any] = {"columns": ("attribute:city", "identity:email"), "reason": "季度盘点", **more}
    command = StartExport(audience=MeantPeople(people=tuple(people)), **wanted)
    return await services.exports.start(brand.tenant, command, actor="小林")


async def fetched(brand: Brand, services: PeopleListServices, export: str) -> bytes:
    while await services.exports.run_once(brand.tenant):
        pass
    async with brand.uows.app(brand.tenant) as uow:
        file = await services.exports.fetch(uow, export, actor="小林")
    return b"".join(file.pieces)


async def written(brand: Brand, services: PeopleListServices, export: str) -> list[str]:
    return (await fetched(brand, services, export)).decode().splitlines()


async def test_a_file_is_masked_marked_sealed_and_noted(
    brand: Brand, services: PeopleListServices, api: Api, people: list[str], tmp_path: Path
) -> None:
    export = await started(brand, services, people)
    lines = await written(brand, services, export)

    assert lines[0] == "\ufeffid,name,city,email"
    assert [line.split(",")[0] for line in lines[1:-1]] == sorted(
        people, key=lambda one: decode_id("per", one)
    )
    assert all(",'=1+1," in line and "@example.com" in line for line in lines[1:-1])
    assert "ada@" not in "".join(lines)
    assert export in lines[-1]
    assert "小林" in lines[-1]
    (sealed,) = (tmp_path / "exports").rglob("*.sealed")
    assert b"example.com" not in sealed.read_bytes()
    (entry,) = (await api.call("GET", EXPORTS))[1]["items"]
    assert (entry["rows"], entry["reason"], entry["actor"]) == (5, "季度盘点", "小林")
    assert [one["actor"] for one in entry["fetches"]] == ["小林"]


async def test_in_clear_only_for_whom_it_is_allowed(
    brand: Brand, services: PeopleListServices, people: list[str]
) -> None:
    lines = await written(brand, services, await started(brand, services, people, unmasked=True))
    assert "ada@example.com" in "".join(lines)

    may_export = frozenset({Permission.PEOPLE_EXPORT})
    colleague = Caller(brand.tenant, user_id=2, name="小林", permissions=may_export)
    with pytest.raises(MayNotReveal):
        require_reveal(colleague)
    require_reveal(replace(colleague, permissions=may_export | {Permission.PEOPLE_REVEAL}))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_cut_short_anywhere_nobody_is_missing_or_there_twice(
    brand: Brand, services: PeopleListServices, people: list[str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(export_service, "SLICE", 2)
    export = await started(brand, services, people, format=kind)
    kept = ExportQueries.note_written

    async def dies(self: ExportQueries, export_id: int, **values: Any) -> None:
        await kept(self, export_id, **values)
        raise ConnectionError

    for _ in range(3):
        with monkeypatch.context() as broken:
            broken.setattr(ExportQueries, "note_written", dies)
            with pytest.raises(ConnectionError):
                await services.exports.run_once(brand.tenant)
        assert await services.exports.run_once(brand.tenant)
    content = await fetched(brand, services, export)

    if kind == "csv":
        told = [line.split(",")[0] for line in content.decode().splitlines()[1:-1]]
    else:
        told = [row[0].value for row in load_workbook(BytesIO(content))["people"].iter_rows(min_row=2)]
    assert sorted(told) == sorted(people)


async def test_a_workbook_has_chosen_columns_dates_and_no_formula(
    brand: Brand, services: PeopleListServices, api: Api, people: list[str], clock: FixedClock
) -> None:
    person, at = PersonId(decode_id("per", people[0])), clock.now()
    async with brand.uows.system(brand.tenant) as uow:
        told = {"birthday": "1999-05-01", "called_at": "2026-01-01T18:30:00Z", "visits": 7}
        await brand.people.set_attributes(
            uow,
            [AttributeWrite(person_id=person, key=key, value=value) for key, value in told.items()],
            source="crm",
        )
    columns = ("attribute:called_at", "attribute:city", "last_seen", "attribute:birthday",
               "identity:email", "attribute:visits")  # fmt: skip
    export = await started(brand, services, people[:1], format="xlsx", columns=columns)
    book = load_workbook(BytesIO(await fetched(brand, services, export)))

    sheet = book["people"]
    assert [cell.value for cell in sheet[1]] == [
        "id", "name", "called_at", "city", "last_seen", "birthday", "email", "visits"
    ]  # fmt: skip
    row = dict(zip([cell.value for cell in sheet[1]], sheet[2], strict=True))
    assert (row["city"].value, row["city"].data_type) == ("=1+1", "s"), "shown, never computed"
    assert row["called_at"].value == datetime(2026, 1, 2, 2, 30), "Shanghai's clocks"  # noqa: DTZ001
    assert row["birthday"].value == datetime(1999, 5, 1)  # noqa: DTZ001
    zone = ZoneInfo("Asia/Shanghai")
    assert row["last_seen"].value == at.astimezone(zone).replace(tzinfo=None, microsecond=0)
    assert row["visits"].value == 7
    assert "*" in row["email"].value, "masked"
    about = {line[0].value: line[1].value for line in book["导出说明 About"].iter_rows()}
    assert (about["导出编号 export"], about["导出人 by"]) == (export, "小林")
    assert (about["导出原因 reason"], about["人数 people"]) == ("季度盘点", 1)
    async with brand.uows.app(brand.tenant) as uow:
        file = await services.exports.fetch(uow, export, actor="小林")
    assert load_workbook(BytesIO(b"".join(file.pieces))).sheetnames == ["people", "导出说明 About"]
    assert file.name.endswith(f"-masked-{export}.xlsx")
    assert (await api.call("GET", f"{EXPORTS}/{export}"))[1]["format"] == "xlsx"


async def test_files_go_when_they_expire_or_somebody_is_erased(
    brand: Brand, services: PeopleListServices, people: list[str], clock: FixedClock, tmp_path: Path
) -> None:
    old = await started(brand, services, people[:1], keep_days=1)
    other = await started(brand, services, people[1:])
    await written(brand, services, old)
    async with brand.uows.system(brand.tenant) as uow:
        await bury(uow, [decode_id("per", people[2])], [], at=clock.now())
    await services.exports.run_once(brand.tenant)
    clock.advance(timedelta(days=1))
    await services.exports.run_once(brand.tenant)

    async with brand.uows.app(brand.tenant) as uow:
        register = await services.exports.register(uow)
        assert {one.id: one.removed for one in register.items} == {old: "expired", other: "erased"}
        assert [one.people for one in register.items] == [4, 1], "how many they were stays"
        kept = await uow.execute("SELECT people FROM people_export WHERE tenant_id = :t", {"t": brand.tenant})
        assert [row.people for row in kept] == [[], []], "whom it was about does not"
        with pytest.raises(ExportGone):
            await services.exports.fetch(uow, old, actor="小林")
    assert list((tmp_path / "exports").rglob("*.sealed")) == []


async def test_stopped_resumed_and_removed_by_hand(
    brand: Brand, services: PeopleListServices, api: Api, people: list[str]
) -> None:
    export = await started(brand, services, people)
    assert (await api.call("POST", f"{EXPORTS}/{export}/stop"))[0] == 200
    await services.exports.run_once(brand.tenant)
    assert (await api.call("GET", f"{EXPORTS}/{export}"))[1]["done"] == 0
    await api.call("POST", f"{EXPORTS}/{export}/resume")
    assert len(await written(brand, services, export)) == 7

    status, entry = await api.call("DELETE", f"{EXPORTS}/{export}/file")

    assert (status, entry["removed"], entry["removed_by"]) == (200, "by_hand", "测试")
    assert (await api.call("GET", f"{EXPORTS}/{export}/file"))[0] == 404
