"""ID-3: a package holds everything about somebody from every store, made in the background; it expires."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from integration.rights.test_erasure import Office, build_packages, event, office
from quanyu.flows.imports.jobs import folder_of, upload_folder
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.rights.contracts import RightsKind
from quanyu.flows.rights.errors import RightsRequestClosed
from quanyu.flows.rights.holdings import HOLDINGS, Fate
from quanyu.flows.rights.packages.contracts import PackageLanguage, StartPackage, Store
from quanyu.flows.rights.packages.errors import PackageGone
from quanyu.flows.rights.packages.queries import PackageQueries
from quanyu.flows.rights.packages.sources.history import ArchivedEvents
from quanyu.flows.rights.packages.sources.tables import TOLD_ELSEWHERE
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.modules.forms.definition import ChoiceQuestion, FormDefinition, FormOption, FormPage, TextQuestion
from quanyu.modules.messaging.queries.intents import IntentRow
from quanyu.modules.messaging.queries.intents import insert as insert_intents
from quanyu.modules.messaging.sealing import Letter, Sealer

__all__ = ["office"]

PHONE = "13800138000"
APP_ID = "wx1"


async def run(office: Office, sql: str, **values: Any) -> None:
    async with office.brand.uows.system(office.brand.tenant_id) as uow:
        await uow.execute(sql, {"t": office.brand.tenant_id, "now": uow.clock.now(), **values})


async def data_of(office: Office, request: str, language: PackageLanguage | None = None) -> dict[str, Any]:
    with await office.take(await office.gather(request, language)) as file:
        found: dict[str, Any] = json.loads(file.read("data.json"))["data"]
        return found


async def paid(office: Office, key: str, openid: str, amount: int) -> int:
    """Let the books tell of a payment by somebody, with a refund of half of it."""
    number = new_id()
    await run(
        office,
        "INSERT INTO pay_merchant (tenant_id, id, mch_id, name, base_url, notify_key, serial_no, "
        "private_key_sealed, api_v3_key_sealed, created_at, updated_at) VALUES (:t, 1, 'm', 'm', '', :key, "
        "'', '', '', :now, :now) ON CONFLICT DO NOTHING",
        key=f"notify-{office.brand.tenant_id}",
    )
    payer = office.keys.seal(
        json.dumps({"openid": openid, "client_ip": "203.0.113.9"}).encode(), context=b"payments.payer"
    )
    await run(
        office,
        "INSERT INTO payment (tenant_id, id, merchant_id, payment_key, amount_minor, currency, description, "
        "state, expires_at, paid_at, created_at, updated_at) VALUES (:t, :id, 1, :key, :amount, "
        "'CNY', '一杯茶', 'paid', :now, :now, :now, :now)",
        id=number, key=key, amount=amount,
    )  # fmt: skip
    await run(
        office,
        "INSERT INTO payment_attempt (tenant_id, id, payment_id, merchant_id, out_trade_no, kind, app_id, "
        "payer_sealed, state, transaction_id, paid_at, paid_minor, created_at, updated_at) VALUES (:t, :id, "
        ":id, 1, :no, 'jsapi', :app, :payer, 'paid', :tx, :now, :amount, :now, :now)",
        id=number, no=f"no-{key}", app=APP_ID, payer=payer, tx=f"tx-{key}", amount=amount,
    )  # fmt: skip
    await run(
        office,
        "INSERT INTO payment_refund (tenant_id, id, payment_id, attempt_id, merchant_id, refund_key, "
        "out_refund_no, amount_minor, reason, cause, state, due_at, created_at, updated_at) VALUES (:t, :id, "
        ":id, :id, 1, :key, :no, :amount, '退一半', 'asked', 'succeeded', :now, :now, :now)",
        id=number, key=f"r-{key}", no=f"rno-{key}", amount=amount // 2,
    )  # fmt: skip
    return number


async def answered(office: Office, person: int, words: str, file: bytes) -> None:
    """Let somebody have answered a form, with a file."""
    number = new_id()
    definition = FormDefinition(
        title="回访",
        pages=(
            FormPage(
                key="p1",
                questions=(
                    TextQuestion(kind="text", key="q1", title="有什么建议", personal=True),
                    ChoiceQuestion(
                        kind="single",
                        key="q2",
                        title="喜欢哪种茶",
                        options=(FormOption(key="o1", label="龙井"), FormOption(key="o2", label="白茶")),
                    ),
                ),
            ),
        ),
    )
    await run(
        office,
        "INSERT INTO form (tenant_id, id, token, name, kind, state, draft, published, created_by, "
        "created_at, updated_at) VALUES (:t, :id, :token, '回访表', 'form', 'open', '{}', 1, '', :now, :now)",
        id=number, token=f"t{number}",
    )  # fmt: skip
    await run(
        office,
        "INSERT INTO form_version (tenant_id, form_id, version, definition, published_at, published_by) "
        "VALUES (:t, :id, 1, CAST(:definition AS jsonb), :now, '')",
        id=number, definition=definition.model_dump_json(),
    )  # fmt: skip
    await run(
        office,
        "INSERT INTO form_answer (tenant_id, form_id, id, version, person_id, known_as, device, "
        "device_counts, once, answers, sealed, score, result, source, seconds, submitted_at) VALUES (:t, "
        ":id, :id, 1, :person, :person, 'd', false, 'many', CAST(:answers AS jsonb), :sealed, 0, '', '', 9, "
        ":now)",
        id=number, person=person, answers=json.dumps({"q2": "o1"}),
        sealed=office.keys.seal(json.dumps({"q1": words}).encode(), context=b"forms.answer"),
    )  # fmt: skip
    await run(
        office,
        "INSERT INTO form_file (tenant_id, form_id, id, question, device, answer_id, name_sealed, kind, "
        "size, content_sealed, uploaded_at) VALUES (:t, :id, :id, 'q3', 'd', :id, :name, 'png', 3, "
        ":content, :now)",
        id=number, name=office.keys.seal("小票.png".encode(), context=b"forms.file_name"),
        content=office.keys.seal(file, context=b"forms.file"),
    )  # fmt: skip


async def uploaded(office: Office, place: Path) -> None:
    """Let a file with her phone lie where uploads lie, and a refused row of an import that is done."""
    number = new_id()
    await run(
        office,
        "INSERT INTO import_file (tenant_id, id, name, size, is_rejects, created_by, created_at) "
        "VALUES (:t, :id, '会员.csv', 1, false, '', :now)",
        id=number,
    )
    await run(
        office,
        "INSERT INTO import_job (tenant_id, id, kind, file, map_name, map_text, identity, dry_run, "
        "status, phase, created_at, finished_at) VALUES (:t, :id, 'people', 'f', 'm', '', '', false, "
        "'completed', 'done', :now, :now)",
        id=number,
    )
    folder = upload_folder(place, number)
    folder.mkdir(parents=True)
    rows = f"姓名,手机,城市\n安娜,{PHONE},杭州\n本,13900139000,苏州\n"
    (folder / "会员.csv").write_bytes(rows.encode("gb18030"))
    left = folder_of(place, number)
    left.mkdir(parents=True)
    (left / "rejects.csv").write_text(
        f"row,reason,message_zh,message_en,手机\n7,bad_date,x,x,+86 {PHONE}\n8,bad_date,x,x,13900139000\n",
        encoding="utf-8-sig",
    )


async def listed(office: Office, person: int) -> None:
    """Let somebody stand in a list, and in a file that somebody took."""
    number = new_id()
    await run(
        office,
        "INSERT INTO segment (tenant_id, id, name, definition, created_at, updated_at) "
        "VALUES (:t, :id, '老客名单', '{}', :now, :now)",
        id=number,
    )
    await run(
        office,
        "INSERT INTO segment_list (tenant_id, id, segment_id, version) VALUES (:t, :id, :id, 1)",
        id=number,
    )
    await run(
        office,
        "INSERT INTO segment_list_version (tenant_id, list_id, version, mode, origin, state, detail, as_of, "
        "made_by, made_at) VALUES (:t, :id, 1, 'replace', 'upload', 'done', '{}', :now, '小林', :now)",
        id=number,
    )
    await run(
        office,
        "INSERT INTO segment_list_entry (tenant_id, list_id, version, person_id) "
        "VALUES (:t, :id, 1, :person)",
        id=number, person=person,
    )  # fmt: skip
    await run(
        office,
        "INSERT INTO people_export (tenant_id, id, columns, is_unmasked, reason, actor, people, meant, "
        "created_at, expires_at) VALUES (:t, :id, '{tags}', false, '回访', '小林', "
        "ARRAY[CAST(:person AS int)], 1, :now, :now)",
        id=number, person=person,
    )  # fmt: skip


async def test_a_package_holds_everything_and_nothing_of_others(office: Office, tmp_path: Path) -> None:
    brand = office.brand
    anna, ben = await office.person("anna"), await office.person("ben")
    assert anna is not None
    assert ben is not None
    at = brand.clock.now()
    await brand.accept(
        IntakeEvent(
            kind="identify", name="Identify", source="shop", message_id="known", occurred_at=at,
            identifiers=tuple(
                FactIdentifier(namespace=kind, scope=scope, value=value)
                for kind, scope, value in (
                    ("user_id", "", "anna"), ("phone", "", PHONE), ("openid", APP_ID, "oAnna")
                )
            ),
            traits={"name": "安娜", "language": "en_US"},
        ),
        event("Said", "anna", at, properties={"phone": PHONE, "text": "你好"}),
    )  # fmt: skip
    await paid(office, "A-1", "oAnna", 1990)
    by_link = encode_id("pay", await paid(office, "A-2", "", 500))  # Tells no openid; history knows whose.
    await brand.accept(event("payments.paid", "anna", at, properties={"payment_id": by_link}))
    await brand.pipeline()
    await paid(office, "B-1", "oBen", 770)
    await answered(office, anna, "多放糖", b"png")
    await answered(office, ben, "少放糖", b"gnp")
    await uploaded(office, tmp_path / "imports")
    await listed(office, anna)
    await run(
        office,
        "INSERT INTO raw_callback (tenant_id, account_id, delivery, openid_token, received_at, sealed) "
        "VALUES (:t, 1, 'd', :token, :now, :sealed)",
        token=office.keys.blind("openid", APP_ID, "oAnna"),
        sealed=office.keys.seal(b"<a>hello</a>", context=b"channels.raw_callback"),
    )

    request = await office.ask("anna", RightsKind.EXPORT)
    made = await office.gather(request)
    with await office.take(made) as file:
        document, page = json.loads(file.read("data.json")), file.read("overview.html").decode()
        (sent,) = [name for name in file.namelist() if name.startswith("files/")]
        assert (sent.endswith("小票.png"), file.read(sent)) == (True, b"png")
        assert file.testzip() is None
    data = document["data"]
    assert {one["value"] for one in data["identifiers"]} == {"anna", f"+86{PHONE}", "oAnna"}
    assert {one.get("value") for one in data["person_attribute"]} >= {"杭州"}
    assert [one["state"] for one in data["consent_entry"]] == ["granted"]
    assert [one["value"] for one in data["raw_callback"]] == ["<a>hello</a>"]
    payment, linked = data["payments"]
    assert (linked["id"], linked["order_id"]) == (by_link, "A-2")
    assert (payment["order_id"], payment["amount_minor"]) == ("A-1", 1990)
    assert [one["openid"] for one in payment["attempts"]] == ["oAnna"]
    assert [one["amount_minor"] for one in payment["refunds"]] == [995]
    (form,) = data["form_answer"]
    assert form["form"] == "回访表"
    assert {one["question"]: one.get("chosen", one["answer"]) for one in form["answers"]} == {
        "有什么建议": "多放糖", "喜欢哪种茶": "龙井",
    }  # fmt: skip
    assert [one["list"] for one in data["lists"]] == ["老客名单"]
    assert [one["reason"] for one in data["exports"]] == ["回访"]
    assert [one["cells"] for one in data["uploads"]] == [{"姓名": "安娜", "手机": PHONE, "城市": "杭州"}]
    assert [one["cells"]["row"] for one in data["import_rows"]] == ["7"]
    assert [one["kind"] for one in data["rights_requests"]] == ["export"]
    assert [len(one["happened"]) for one in data["orders"]] == [1, 1]
    assert data["orders"][0]["happened"][0]["revenue"] == "19.9000"
    (said,) = [one for one in data["events"] if one["name"] == "Said"]
    assert (said["properties"], said["personal"]) == ({"text": "你好"}, {"phone": PHONE})
    told = json.dumps(document, ensure_ascii=False)
    assert all(one not in told for one in ("ben", "oBen", "少放糖", "13900139000"))
    # The page is in her language, needs no script, and says where everything was.
    assert made.language is PackageLanguage.EN
    assert '<html lang="en">' in page
    assert "What" in page
    assert "<script" not in page
    assert "Answers to forms" in page
    counted = {(one.section, one.store): one.rows for one in made.gathered}
    assert counted[("payments", Store.POSTGRES)] == 2
    assert counted[("message_intent", Store.POSTGRES)] == 0  # Looked at, and nothing there.
    async with brand.uows.app(brand.tenant_id) as uow:
        done = await office.desk.close(uow, request, "已交付", office.caller(2))
    assert (done.state, done.handled_by, done.outcome) == ("done", "同事2", "已交付")


async def test_history_is_told_once_from_wherever_it_still_is(office: Office) -> None:
    """The archive holds the first days alone; the warehouse is asked only for what nobody else has."""
    anna, brand = await office.person("anna"), office.brand
    before = (await office.history())[anna or 0]
    request = await office.ask("anna", RightsKind.ACCESS)

    def events(found: dict[str, Any]) -> list[tuple[str, str]]:
        return sorted((one["name"], one["occurred_at"]) for one in found["events"])

    whole = events(await data_of(office, request))
    stores = {
        one.store: one.rows
        for one in (await office.packages_of(request))[0].gathered
        if one.section == "events"
    }
    assert len(whole) == before == sum(stores.values())
    assert stores[Store.ARCHIVE] > 0
    assert stores[Store.WAREHOUSE] == 0
    # What retention took from the warehouse is still told from the archive.
    await office.brand.warehouse.command(
        "ALTER TABLE events DELETE WHERE tenant_id = {tenant:UInt32} SETTINGS mutations_sync = 2", {}
    )
    assert events(await data_of(office, request)) == whole
    # And what the warehouse alone has, from there.
    await brand.accept(event("Visited", "anna", brand.clock.now(), context={"channel": "mini_program"}))
    await brand.pipeline()
    await run(office, "DELETE FROM log_event WHERE tenant_id = :t AND name = 'Visited'")
    found = await data_of(office, request)
    assert events(found) == sorted([*whole, *[one for one in events(found) if one[0] == "Visited"]])
    (visited,) = [one for one in found["events"] if one["name"] == "Visited"]
    assert visited["context"] == {"channel": "mini_program"}


async def test_a_package_cut_short_anywhere_goes_on_and_is_the_same(
    office: Office, database: Database, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page is done by another process; each second one dies after writing, before it is noted."""
    request = await office.ask("anna", RightsKind.ACCESS)
    whole = await data_of(office, request)
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        begun = await office.packages.start(uow, request, StartPackage(), actor="同事1")
    assert (begun.state, begun.done) == ("gathering", 0)
    keep, times = PackageQueries.keep_page, 0

    async def dies(self: PackageQueries, *arguments: Any, **more: Any) -> None:
        nonlocal times
        times += 1
        if times % 2:
            raise asyncio.CancelledError
        await keep(self, *arguments, **more)

    monkeypatch.setattr(PackageQueries, "keep_page", dies)
    steps = 0
    while not (now := (await office.packages_of(request))[0]).can_fetch:
        process = build_packages(office.brand, database, warehouse, office.keys, tmp_path)
        try:
            await process.run_once(office.brand.tenant_id)
        except asyncio.CancelledError:
            assert (await office.packages_of(request))[0].done == now.done
        steps += 1
        assert steps < 500
    assert times >= 2 * begun.of
    with await office.take(now) as file:
        again = json.loads(file.read("data.json"))["data"]
    assert again == whole
    assert (now.done, now.of) == (begun.of, begun.of)
    assert list((tmp_path / "packages" / "gathered").rglob("*.sealed")) == []
    assert len(list((tmp_path / "packages" / "packed").rglob("*.sealed"))) == 1  # The first was replaced.


async def test_trouble_is_shown_and_another_attempt_begins_by_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await office.ask("anna", RightsKind.ACCESS)
    page = ArchivedEvents.page

    async def missing(*_: Any) -> Any:
        raise OSError("the disk is away")

    monkeypatch.setattr(ArchivedEvents, "page", missing)
    with pytest.raises(OSError, match="the disk is away"):
        await office.gather(request)
    (stuck,) = await office.packages_of(request)
    assert (stuck.state, stuck.attempts, stuck.trouble, stuck.can_fetch) == ("gathering", 1, "OSError", False)
    assert await office.packages.run_once(office.brand.tenant_id) == 0  # It rests first.
    with pytest.raises(PackageGone):
        await office.take(stuck)
    monkeypatch.setattr(ArchivedEvents, "page", page)
    office.brand.clock.advance(timedelta(minutes=1))
    made = await office.gather(request)
    assert (made.id, made.trouble, made.can_fetch) == (stuck.id, "", True)


async def test_a_package_is_taken_on_record_and_expires(office: Office, tmp_path: Path) -> None:
    request = await office.ask("anna", RightsKind.ACCESS)
    made = await office.gather(request)
    await office.take(made, user=2)
    await office.take(made, user=3)
    (shown,) = await office.packages_of(request)
    assert [one.actor for one in shown.fetches] == ["同事3", "同事2"]
    (file,) = (tmp_path / "packages").rglob("*.sealed")
    assert b"anna" not in file.read_bytes()
    office.brand.clock.advance(timedelta(days=7))
    await office.packages.run_once(office.brand.tenant_id)
    (gone,) = await office.packages_of(request)
    assert (gone.removed, gone.can_fetch, gone.rows) == ("expired", False, made.rows)
    assert not file.exists()
    with pytest.raises(PackageGone):
        await office.take(made)


async def test_a_package_goes_with_the_person_and_with_a_refusal(office: Office, tmp_path: Path) -> None:
    request = await office.ask("anna", RightsKind.ACCESS)
    made = await office.gather(request)
    his = await office.ask("ben", RightsKind.EXPORT)
    await office.gather(his)
    half = await office.ask("anna", RightsKind.EXPORT)
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        await office.packages.start(uow, half, StartPackage(), actor="同事1")
    await office.packages.run_once(office.brand.tenant_id)
    await office.confirm(await office.ask("anna", RightsKind.ERASURE), user=2)
    await office.erasure.run_once(office.brand.tenant_id)
    while await office.packages.run_once(office.brand.tenant_id):
        pass
    for one in (request, half):
        assert (await office.packages_of(one))[0].removed == "erased"
    with pytest.raises(PackageGone):
        await office.take(made)
    async with office.brand.uows.app(office.brand.tenant_id) as uow:
        await office.desk.refuse(uow, his, "未能核实", office.caller(2))
        with pytest.raises(RightsRequestClosed):
            await office.packages.start(uow, his, StartPackage(), actor="同事1")
    (refused,) = await office.packages_of(his)
    assert (refused.removed, refused.removed_by) == ("refused", "同事2")
    assert list((tmp_path / "packages").rglob("*.sealed")) == []


async def test_only_requests_to_see_ones_data_have_a_package(office: Office) -> None:
    request = await office.ask("anna", RightsKind.CORRECTION)
    with pytest.raises(RightsRequestClosed):
        await office.gather(request)
    assert await office.packages_of(request) == ()


async def test_every_table_that_is_shown_can_be_read_page_by_page(office: Office) -> None:
    keyed = {
        name
        for (name,) in await office.brand.rows(
            "SELECT relname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "WHERE i.indisprimary AND CAST(:t AS int) = :t"
        )
    }
    shown = {one.table for one in HOLDINGS if one.fate is not Fate.ELSEWHERE} - TOLD_ELSEWHERE
    assert shown - keyed == set()


async def test_the_package_tells_what_was_written_to_somebody(office: Office) -> None:
    anna, ben = await office.person("anna"), await office.person("ben")
    brand, sealer = office.brand, Sealer(office.keys)
    now = brand.clock.now()
    async with brand.uows.system(brand.tenant_id) as uow:
        for number, person in ((1, anna), (2, ben)):
            letter = Letter(f"openid-{number}", {"text": "x"}, f"致 {number} 号的话")
            row = IntentRow(
                id=number, origin_key=f"k{number}", source_hash=b"h", person_id=PersonId(person or 0),
                account_id=1, channel="official_account", kind="customer_service_text",
                message_class="marketing", campaign="", priority=1, purpose="", state="refused",
                reason="expired",
                detail=None, template_id=None, recipient=b"r",
                sealed=sealer.seal(brand.tenant_id, number, letter), body_hash=b"b", journey_id=None,
                node_id=None, due_at=now, wake_at=None, expires_at=now + timedelta(days=1), window=None,
                credit=None, holds=(),
            )  # fmt: skip
            written = await insert_intents(await uow.raw(), brand.tenant_id, [row], now=now)
            assert written == {number}
    request = await office.ask("anna", RightsKind.ACCESS)
    with await office.take(await office.gather(request)) as file:
        data, page = json.loads(file.read("data.json"))["data"], file.read("overview.html").decode()
    assert [one["words"] for one in data["message_intent"]] == ["致 1 号的话"]
    assert "致 1 号的话" in page
    assert "致 2 号的话" not in page
