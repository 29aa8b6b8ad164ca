"""The archive of chats through the real process: with a library compiled here, and with one in Python."""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from quanyu.wechat.errors import MalformedAnswer, NotSent, OutcomeUnknown, PlatformRefusal
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom.message_archive import ArchiveConfig, MessageArchive, Unreadable

HERE = Path(__file__).parent
COMPILER = shutil.which("cc") or shutil.which("gcc")
RANDOM_KEY = "a random key"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OLD_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

Open = Callable[..., MessageArchive]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if COMPILER is None:
        pytest.skip("needs a C compiler; the emulation in Python is tested all the same")
    built = tmp_path_factory.mktemp("library") / "libEmulated.so"
    source = str(HERE / "emulated_library.c")
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", str(built), source], check=True)
    return built


@pytest.fixture(params=["native", "python"])
async def open_archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    opened: list[MessageArchive] = []
    is_native = request.param == "native"
    path = str(request.getfixturevalue("library")) if is_native else "none"
    options = {} if is_native else {"command": (sys.executable, str(HERE / "emulated_library.py"))}

    def make(**changed: Any) -> MessageArchive:
        known: dict[str, Any] = {
            "library": path,
            "corp_id": "ww1",
            "secret": str(tmp_path),
            "private_keys": {3: KEY, 2: OLD_KEY},
        }
        opened.append(MessageArchive(ArchiveConfig(**{**known, **changed}), **options))
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


def row(seq: int, message: dict[str, Any] | bytes, *, version: int = 3, **changed: Any) -> dict[str, Any]:
    """A row as the platform gives it, "encrypted" as the emulated library does."""
    plain = message if isinstance(message, bytes) else json.dumps(message).encode()
    key = RANDOM_KEY.encode()
    sealed = bytes(one ^ key[at % len(key)] for at, one in enumerate(plain))
    public_key = (OLD_KEY if version == 2 else KEY).public_key()
    return {
        "seq": seq,
        "msgid": f"m{seq}",
        "publickey_ver": version,
        "encrypt_random_key": b64encode(public_key.encrypt(key, padding.PKCS1v15())).decode(),
        "encrypt_chat_msg": sealed.hex(),
        **changed,
    }


def text(seq: int, content: str, **changed: Any) -> dict[str, Any]:
    return {
        "msgid": f"m{seq}",
        "action": "send",
        "from": "zhang01",
        "tolist": ["wm1"],
        "roomid": "",
        "msgtime": 1767225600123,
        "msgtype": "text",
        "text": {"content": content},
        **changed,
    }


def store(directory: Path, *rows: dict[str, Any], errcode: int = 0) -> None:
    answer = {"errcode": errcode, "errmsg": "x", "chatdata": list(rows)}
    (directory / "chatdata.json").write_text(json.dumps(answer))


async def test_messages_are_read_in_the_order_of_the_platform(open_archive: Open, tmp_path: Path) -> None:
    switch = {"msgid": "m3", "action": "switch", "time": 1767225601000, "user": "li01"}
    document = text(2, "", msgtype="docmsg", doc={"title": "T"}, roomid="wr1")
    store(tmp_path, row(1, text(1, "你好"), version=2), row(2, document), row(3, switch))
    archive = open_archive()

    page = await archive.page(0)

    first, second, third = page.messages
    assert (first.seq, first.msgid, first.action, first.sender) == (1, "m1", "send", "zhang01")
    assert (first.receivers, first.room_id, first.content) == (("wm1",), "", {"content": "你好"})
    assert first.sent_at == datetime(2026, 1, 1, 0, 0, 0, 123000, tzinfo=UTC)
    assert (second.msgtype, second.room_id, second.content) == ("docmsg", "wr1", {"title": "T"})
    assert (third.action, third.sender, third.sent_at.second) == ("switch", "li01", 1)
    assert (page.last_seq, page.is_last, page.unreadable) == (3, True, ())
    assert await archive.page(3) == type(page)(messages=(), unreadable=(), last_seq=3, is_last=True)


async def test_rows_that_cannot_be_read_are_named_and_stop_nobody(open_archive: Open, tmp_path: Path) -> None:
    store(
        tmp_path,
        row(1, text(1, "a"), publickey_ver=9),
        row(2, text(2, "b"), encrypt_random_key="not base64!"),
        row(3, text(3, "c"), encrypt_chat_msg="no hex"),
        row(4, b"not json"),
        row(5, text(5, "e")),
    )

    page = await open_archive().page(0)

    assert [one.content for one in page.messages] == [{"content": "e"}]
    assert [(one.seq, one.key_version, one.reason) for one in page.unreadable] == [
        (1, 9, Unreadable.KEY_VERSION),
        (2, 3, Unreadable.RANDOM_KEY),
        (3, 3, Unreadable.DECRYPTION),
        (4, 3, Unreadable.FORM),
    ]
    assert page.last_seq == 5


async def test_a_full_page_is_not_the_last(open_archive: Open, tmp_path: Path) -> None:
    store(tmp_path, row(1, text(1, "a")), row(2, text(2, "b")))

    assert not (await open_archive().page(0, limit=2)).is_last


async def test_files_come_in_pieces_and_go_on_where_they_stopped(open_archive: Open, tmp_path: Path) -> None:
    (tmp_path / "FILE").write_bytes(b"0123456789ab")
    archive = open_archive()

    pieces = [one async for one in archive.media("FILE")]
    rest = [one.data async for one in archive.media("FILE", index=pieces[0].next_index)]

    assert [one.data for one in pieces] == [b"01234", b"56789", b"ab"]
    assert [one.is_last for one in pieces] == [False, False, True]
    assert rest == [b"56789", b"ab"]
    with pytest.raises(MalformedAnswer, match="exceeds 7 bytes"):
        _ = [one async for one in archive.media("FILE", bytes_max=7)]


async def test_a_crash_of_the_library_is_no_crash_of_ours(open_archive: Open, tmp_path: Path) -> None:
    store(tmp_path, row(1, text(1, "a")))
    archive = open_archive()
    assert len((await archive.page(0)).messages) == 1
    (tmp_path / "crash").write_text("once")

    with pytest.raises(OutcomeUnknown):
        await archive.page(0)

    assert len((await archive.page(0)).messages) == 1


async def test_a_library_that_hangs_is_ended(
    open_archive: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(tmp_path, row(1, text(1, "a")))
    archive = open_archive(timeout_s=0)
    assert len((await archive.page(0)).messages) == 1
    monkeypatch.setattr("quanyu.wechat.wecom.message_archive._MARGIN_S", 0.3)
    (tmp_path / "hang").write_text("once")

    with pytest.raises(OutcomeUnknown, match="TimeoutError"):
        await archive.page(0)

    monkeypatch.undo()
    assert len((await archive.page(0)).messages) == 1


@pytest.mark.parametrize(("code", "action"), [(10001, Action.RETRY), (10009, Action.GIVE_UP)])
async def test_the_codes_of_the_library(
    open_archive: Open, tmp_path: Path, code: int, action: Action
) -> None:
    (tmp_path / "fail").write_text(str(code))

    with pytest.raises(PlatformRefusal) as caught:
        await open_archive().page(0)

    assert (caught.value.errcode, caught.value.action) == (code, action)
    assert caught.value.message_zh.startswith("会话存档接口拒绝")


async def test_the_codes_of_the_platform_inside_the_answer(open_archive: Open, tmp_path: Path) -> None:
    store(tmp_path, errcode=301052)

    with pytest.raises(PlatformRefusal) as caught:
        await open_archive().page(0)
    assert caught.value.meaning_zh == "会话存档已过期"


async def test_an_unknown_file_is_a_refusal(open_archive: Open) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        _ = [one async for one in open_archive().media("nothing")]
    assert caught.value.errcode == 10005


async def test_a_wrong_corp_is_a_refusal(open_archive: Open) -> None:
    with pytest.raises(PlatformRefusal) as caught:
        await open_archive(corp_id="nobody").page(0)
    assert (caught.value.errcode, caught.value.path) == (10000, "Init")


@pytest.mark.parametrize("path", ["/nowhere/libWeWorkFinanceSdk.so", "libc.so.6"])
async def test_without_the_library_it_says_so(path: str) -> None:
    config = ArchiveConfig(library=path, corp_id="ww1", secret="s3cret", private_keys={})

    async with MessageArchive(config) as archive:
        with pytest.raises(NotSent, match="cannot be used"):
            await archive.page(0)


async def test_secrets_are_not_shown(tmp_path: Path) -> None:
    config = ArchiveConfig(library="l", corp_id="ww1", secret="s3cret", private_keys={3: KEY})

    assert "s3cret" not in repr(config)
    assert "RSA" not in repr(config)
