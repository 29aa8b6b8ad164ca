"""ID-3: after an erasure no table, no copy in the warehouse, no archive and no file says who somebody was."""

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from integration.rights.test_erasure import Office, event, office
from quanyu.flows.imports.jobs import folder_of
from quanyu.flows.intake import IntakeEvent
from quanyu.flows.rights.contracts import RightsKind
from quanyu.infra.crypto import CannotOpen, KeyRing
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.kernel.ids import new_id

__all__ = ["office"]

PHONE, NAME, EMAIL = "13800138000", "欧阳静娴", "jingxian@example.com"
OPENID, UNIONID = "oABC-jingxian-77", "uXYZ-jingxian-88"
NEEDLES = (PHONE, NAME, EMAIL, OPENID, UNIONID)
SRC = Path(__file__).parents[3] / "src" / "quanyu"


@cache
def contexts() -> tuple[bytes, ...]:
    """Return every context anything is sealed for, as the code spells them."""
    texts = (path.read_text(encoding="utf-8") for path in SRC.rglob("*.py"))
    found = {one for text in texts if "context" in text.lower() for one in re.findall(r'b"([\w.-]+)"', text)}
    return (b"", *sorted(one.encode() for one in found))


def words(value: Any, keys: KeyRing) -> str:
    """Return everything a cell says, opened where it is sealed."""
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return raw.decode("utf-8", "ignore") + opened(raw, keys)
    if isinstance(value, dict | list | tuple):
        return " ".join(words(one, keys) for one in (value.values() if isinstance(value, dict) else value))
    return str(value)


def opened(sealed: bytes, keys: KeyRing) -> str:
    for context in contexts():
        try:
            return keys.open(sealed, context=context).decode("utf-8", "ignore")
        except CannotOpen:
            continue
    return ""


async def stores_that_tell(office: Office, files: Path) -> set[str]:
    """Return where any of what names her still stands."""
    brand, found = office.brand, set()

    def look(store: str, said: str) -> None:
        if any(needle in said for needle in NEEDLES):
            found.add(store)

    tables = await brand.rows(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND column_name = 'tenant_id' AND :t = :t AND table_name NOT LIKE 'log\\_event\\_%'"
    )
    for (table,) in {tuple(row) for row in tables}:
        for row in await brand.rows(f'SELECT * FROM "{table}" WHERE tenant_id = :t'):
            look(table, words(tuple(row), office.keys))
    copies = await brand.warehouse.query(
        "SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'tenant_id' "
        "AND {tenant:UInt32} > 0"
    )
    for (table,) in copies:
        rows = await brand.warehouse.query(f"SELECT * FROM {table} WHERE tenant_id = {{tenant:UInt32}}")
        look(f"warehouse:{table}", str(rows))
    for payload in await brand.payloads():
        look("archive", payload.decode("utf-8", "ignore"))
    for name, said in texts_in(files):
        look(f"file:{name}", said)
    return found


def texts_in(files: Path) -> list[tuple[str, str]]:
    return [(one.name, one.read_text(encoding="utf-8")) for one in files.rglob("*") if one.is_file()]


@pytest.fixture
async def known(office: Office, tmp_path: Path) -> Office:
    """Anna is known by everything that names somebody, and lies in what an import left."""
    brand, at = office.brand, office.brand.clock.now()
    names = (
        ("phone", PHONE),
        ("email", EMAIL),
        ("openid", OPENID),
        ("unionid", UNIONID),
        ("user_id", "anna"),
    )
    await brand.accept(
        IntakeEvent(
            kind="identify", name="Identify", source="shop", message_id="all", occurred_at=at,
            identifiers=tuple(
                FactIdentifier(namespace=kind, scope="wx1" if kind == "openid" else "", value=value)
                for kind, value in names
            ),
            traits={"name": NAME, "phone": PHONE, "email": EMAIL},
        ),
        event("Said", "anna", at, properties={"text": f"我是{NAME}，电话 {PHONE}", "mail": EMAIL}),
    )  # fmt: skip
    await brand.pipeline()
    number = new_id()
    async with brand.uows.system(brand.tenant_id) as uow:
        await uow.execute(
            "INSERT INTO import_job (tenant_id, id, kind, file, map_name, map_text, identity, dry_run, "
            "status, phase, created_at, finished_at) VALUES (:t, :id, 'people', 'f', 'm', '', '', false, "
            "'completed', 'done', :at, :at)",
            {"t": brand.tenant_id, "id": number, "at": at},
        )
        await uow.execute(
            "INSERT INTO import_file (tenant_id, id, name, size, is_rejects, created_by, created_at) "
            "VALUES (:t, :id, 'people.csv', 1, false, '', :at)",
            {"t": brand.tenant_id, "id": number, "at": at},
        )
        await uow.execute(
            "INSERT INTO raw_callback (tenant_id, account_id, delivery, openid_token, received_at, sealed) "
            "VALUES (:t, 1, 'd', :token, :at, :sealed)",
            {
                "t": brand.tenant_id,
                "token": office.keys.blind("openid", "wx1", OPENID),
                "at": at,
                "sealed": office.keys.seal(f"<a>{OPENID}</a>".encode(), context=b"channels.raw_callback"),
            },
        )
    leave_files(folder_of(tmp_path / "imports", number))
    return office


def leave_files(folder: Path) -> None:
    folder.mkdir(parents=True)
    with (folder / "rejects.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["row", "reason", "message_zh", "message_en", "姓名", "手机"])
        rows.writerow([1, "bad_date", "x", "x", NAME, "+86 138-0013-8000"])
        rows.writerow([2, "bad_date", "x", f"“{EMAIL}” is no date", NAME, ""])
        rows.writerow([3, "bad_date", "x", "x", "别人", "13900139000"])
    sample = [
        {"row": 1, "values": {"姓名": NAME, "手机": f"0086{PHONE}"}},
        {"row": 3, "values": {"姓名": "别人"}},
    ]
    text = json.dumps({"rows": 3, "first_rejects": sample, "sample": []}, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


async def test_nothing_tells_of_somebody_who_was_erased(known: Office, tmp_path: Path) -> None:
    files = tmp_path / "imports"
    before = await stores_that_tell(known, files)
    assert {"identity", "person_attribute", "log_event", "file:rejects.csv", "file:manifest.json"} <= before
    assert {"warehouse:events", "raw_callback"} <= before
    request = await known.ask("anna", RightsKind.ERASURE)
    await known.confirm(request, user=2)
    assert await known.erasure.run_once(known.brand.tenant_id) == 1

    assert await stores_that_tell(known, files) == set()

    report = (await known.look(request)).report
    assert report["done"]["files"] == {"rejected_rows": 2, "samples": 1}
    assert report["for_a_while"]["import_file"]["count"] == 1
    assert report["for_a_while"]["import_file"]["until"] > known.brand.clock.now().date().isoformat()
    assert {"postgres", "backups"} <= set(report["kept"])
    assert "sought" not in report["done"]
    assert "别人" in dict(texts_in(files))["rejects.csv"]


async def test_an_erasure_waits_for_an_import_under_way(known: Office) -> None:
    async with known.brand.uows.system(known.brand.tenant_id) as uow:
        await uow.execute(
            "UPDATE import_job SET status = 'running', finished_at = NULL WHERE tenant_id = :t",
            {"t": known.brand.tenant_id},
        )
    request = await known.ask("anna", RightsKind.ERASURE)
    await known.confirm(request, user=2)
    assert await known.erasure.run_once(known.brand.tenant_id) == 0
    assert (await known.look(request)).trouble == "waits"
    assert await known.person("anna") is None
