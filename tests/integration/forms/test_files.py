"""Files come before the answer, belong to it alone, and go with it."""

import io
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import encode_id
from quanyu.modules.forms.contracts import FILE_PREFIX, FormId
from quanyu.modules.forms.errors import AnswersRefused, FileRefused, UnknownFile
from quanyu.modules.forms.file_queries import WAITING_MAX, WAITS
from quanyu.modules.forms.uploads import FileDoor
from support.forms import form

from .conftest import Forms

PHOTOS = {"kind": "image", "key": "photo", "title": "晒单", "required": True, "max_files": 2, "max_mb": 1}


def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, "PNG")
    return made.getvalue()


@dataclass
class Sender:
    forms: Forms
    door: FileDoor

    async def send(self, made: FormId, device: bytes, content: bytes = b"", name: str = "../a<b>.exe") -> str:
        tenant = self.forms.brand.tenant
        asked = await self.door.allowed(tenant, made, "photo")
        taken = await self.door.take(
            tenant, made, asked, device=device, name=name, content=content or photo()
        )
        return taken.id


@pytest.fixture
def sender(forms: Forms, key_ring: KeyRing) -> Sender:
    return Sender(forms, FileDoor(forms.brand.uows, key_ring))


async def shown(forms: Forms, made: FormId) -> Any:
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        return (await forms.results.answers(uow, made)).items[0]


async def test_files_of_an_answer_are_sealed_shown_and_exchanged(forms: Forms, sender: Sender) -> None:
    made = await forms.publish(form([PHOTOS], rules={"can_edit": True}))
    device = secrets.token_bytes(16)
    first, second = await sender.send(made, device), await sender.send(made, device, name="二.png")
    await forms.answer(made, {"photo": [{"id": first, "name": "x"}, second]}, device=device)

    answer = await shown(forms, made)
    (value,) = answer.values
    assert [(one.name, one.kind) for one in value.files] == [("ab.jpg", "jpg"), ("二.jpg", "jpg")]
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        told, content = await forms.results.file(uow, made, answer.id, first)
    assert (told.size, content[:3]) == (len(content), b"\xff\xd8\xff")
    rows = await forms.rows("SELECT content_sealed FROM form_file WHERE tenant_id = :tenant")
    assert all(content not in bytes(row.content_sealed) for row in rows)

    await forms.answer(made, {"photo": [second]}, device=device)
    async with forms.brand.uows.app(forms.brand.tenant) as uow:
        with pytest.raises(UnknownFile):
            await forms.results.file(uow, made, answer.id, first)
        await forms.results.delete(uow, made, answer.id, actor="小林")
    assert await forms.rows("SELECT 1 FROM form_file WHERE tenant_id = :tenant") == []


async def test_nobody_answers_with_anothers_file_or_one_that_is_gone(forms: Forms, sender: Sender) -> None:
    made = await forms.publish(form([PHOTOS]))
    device, other = secrets.token_bytes(16), secrets.token_bytes(16)
    mine = await sender.send(made, device)
    for stolen in (mine, encode_id(FILE_PREFIX, 7)):
        with pytest.raises(AnswersRefused) as refusal:
            await forms.answer(made, {"photo": [stolen]}, device=other)
        assert refusal.value.details["problems"][0]["place"] == "photo"
    assert await forms.kept(made) == []
    await forms.answer(made, {"photo": [mine]}, device=device)


async def test_what_is_too_large_or_too_much_is_refused(forms: Forms, sender: Sender) -> None:
    made, device = await forms.publish(form([PHOTOS])), secrets.token_bytes(16)
    with pytest.raises(FileRefused):
        await sender.send(made, device, b"\xff" * (1024 * 1024 + 1))
    with pytest.raises(FileRefused):
        await sender.send(made, device, b"%PDF-1.7 %%EOF")
    for _ in range(WAITING_MAX):
        await sender.send(made, device)
    with pytest.raises(FileRefused):
        await sender.send(made, device)


async def test_files_whose_answer_never_comes_are_gone_after_a_day(
    forms: Forms, sender: Sender, clock: FixedClock
) -> None:
    made, device = await forms.publish(form([PHOTOS])), secrets.token_bytes(16)
    kept = await sender.send(made, device)
    await forms.answer(made, {"photo": [kept]}, device=device)
    await sender.send(made, device)
    assert await sender.door.run_once(forms.brand.tenant) == 0
    clock.advance(WAITS + timedelta(seconds=1))
    assert await sender.door.run_once(forms.brand.tenant) == 1
    rows = await forms.rows("SELECT answer_id FROM form_file WHERE tenant_id = :tenant")
    assert [row.answer_id is None for row in rows] == [False]
