"""The conversation archive as its native library serves it, and what an administrator sets about it.

An emulated library asks here: ``chat-data`` is ``GetChatData``, ``decrypt`` is ``DecryptData``, ``media`` is
``GetMediaData``. The numbers in ``errcode`` are the library's own return codes.
"""

import base64
import binascii
from dataclasses import asdict, replace
from typing import Any

import msgspec
from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, attempt, whole_number
from wechat_sandbox.state.shelf import plain
from wechat_sandbox.state.wecom.archive_book import (
    ROWS_MAX,
    ArchiveSettings,
    BadKey,
    Robot,
    Room,
    open_text,
    read_public_key,
)
from wechat_sandbox.state.wecom.archiving import Archiving, index_of, write_index
from wechat_sandbox.state.wecom.corp import ARCHIVE, Corp
from wechat_sandbox.state.wecom.ids import new_key

PARAMETER, KEY, FILE_ID, DECRYPTION = 10000, 10004, 10005, 10006
PER_MINUTE = 600
_EDITIONS = (1, 2, 3)


class CorpArchive(CorpPart):
    """The archive of a company."""

    def routes(self) -> list[Route]:
        own = "/corps/{corpid}/archive"
        return [
            ("GET", own, self.show),
            ("PUT", own, self.change),
            ("POST", f"{own}/keys", self.add_key),
            ("POST", f"{own}/chat-data", self.get_chat_data),
            ("POST", f"{own}/decrypt", self.decrypt),
            ("POST", f"{own}/media", self.get_media),
            ("POST", f"{own}/messages", self.keep),
            ("POST", f"{own}/recalls", self.recall),
            ("POST", f"{own}/rooms", self.make_room),
            ("POST", f"{own}/robots", self.make_robot),
        ]

    async def show(self, request: web.Request) -> web.Response:
        return answer_json(plain(asdict(self._archive(self.corp(request)).book.settings)))

    async def change(self, request: web.Request) -> web.Response:
        """Switch the archive on or off; ``members`` gives each archived member's edition: 1, 2 or 3."""
        corp = self.corp(request)
        body = await read_body(request, {"enabled", "expired", "members"})
        members = body.get("members", {})
        if not isinstance(members, dict) or any(edition not in _EDITIONS for edition in members.values()):
            raise BadRequest("members gives 1, 2 or 3 for each userid")
        known = {self.member(corp, userid).userid: edition for userid, edition in members.items()}
        book = self._archive(corp).book
        values = body | ({"members": known} if "members" in body else {})
        try:
            book.set(msgspec.convert(asdict(book.settings) | values, ArchiveSettings))
        except msgspec.ValidationError as error:
            raise BadRequest(str(error)) from error
        return answer_json(plain(asdict(book.settings)))

    async def add_key(self, request: web.Request) -> web.Response:
        """Give the archive another public key; what is kept from now on is sealed with it."""
        corp = self.corp(request)
        pem = required(await read_body(request, {"public_key"}), "public_key")
        try:
            read_public_key(pem)
        except BadKey as error:
            raise BadRequest(str(error)) from error
        book = self._archive(corp).book
        version = book.settings.version + 1
        book.set(replace(book.settings, keys=book.settings.keys | {str(version): pem}))
        return answer_json({"publickey_ver": version}, status=201)

    async def get_chat_data(self, request: web.Request) -> web.Response:
        """``GetChatData``: rows after ``seq``, of the last five days, at most a thousand."""
        corp = self.corp(request)
        body = await read_body(request, {"secret", "seq", "limit"})
        limit = whole_number(body, "limit", ROWS_MAX)
        if body.get("secret") != corp.secrets.get(ARCHIVE):
            return _code(KEY, "invalid secret")
        if not 1 <= limit <= ROWS_MAX:
            return _code(PARAMETER, "limit")
        desk = self.sandbox.corp_desk
        key = f"archive:{corp.corpid}"
        attempt(lambda: desk.paces.count(key, at=self.now(), seconds=60, limit=PER_MINUTE, code=45009))
        rows = self._archive(corp).book.rows(whole_number(body, "seq", 0), limit, self.now())
        data = [row.as_row(seq) for seq, row in rows]
        return answer_json({"errcode": 0, "errmsg": "ok", "chatdata": data})

    async def decrypt(self, request: web.Request) -> web.Response:
        """``DecryptData``: a message by the random key the caller has opened with its private key."""
        self.corp(request)
        body = await read_body(request, {"random_key", "encrypt_chat_msg"})
        try:
            message = open_text(required(body, "random_key"), required(body, "encrypt_chat_msg"))
        except ValueError as error:
            return _code(DECRYPTION, str(error))
        return answer_json({"errcode": 0, "errmsg": "ok", "message": msgspec.json.decode(message)})

    async def get_media(self, request: web.Request) -> web.Response:
        """``GetMediaData``: a slice of a file, as base64, with the mark to ask for the next one."""
        corp = self.corp(request)
        body = await read_body(request, {"secret", "sdkfileid", "indexbuf"})
        if body.get("secret") != corp.secrets.get(ARCHIVE):
            return _code(KEY, "invalid secret")
        try:
            index = index_of(to_text(body.get("indexbuf", ""), "indexbuf"))
        except (ValueError, binascii.Error):
            return _code(PARAMETER, "indexbuf")
        found = self._archive(corp).slice_of(required(body, "sdkfileid"), index)
        if found is None:
            return _code(FILE_ID, "invalid sdkfileid")
        data, following, is_finish = found
        return answer_json(
            {
                "errcode": 0,
                "errmsg": "ok",
                "data": base64.b64encode(data).decode(),
                "outindexbuf": write_index(following),
                "is_finish": int(is_finish),
            }
        )

    async def keep(self, request: web.Request) -> web.Response:
        """Put a message of any kind into the archive; ``file`` (base64) gives it an ``sdkfileid``."""
        corp = self.corp(request)
        body = await read_body(request, {"from", "tolist", "roomid", "msgtype", "body", "file"})
        archive, content = self._archive(corp), dict(body.get("body") or {})
        if "file" in body:
            raw = base64.b64decode(required(body, "file"))
            content |= {"sdkfileid": archive.keep_file(raw, self.now()), "filesize": len(raw)}
        to = body.get("tolist", [])
        if not isinstance(to, list):
            raise BadRequest("tolist is a list")
        seq = archive.keep(
            required(body, "from"),
            [str(one) for one in to],
            to_text(body.get("msgtype", "text"), "msgtype"),
            content,
            self.now(),
            roomid=to_text(body.get("roomid", ""), "roomid"),
        )
        return answer_json({"seq": seq, "body": content}, status=201)

    async def recall(self, request: web.Request) -> web.Response:
        """Somebody takes a kept message back."""
        corp = self.corp(request)
        body = await read_body(request, {"from", "tolist", "roomid", "msgid"})
        seq = self._archive(corp).recall(
            required(body, "from"),
            [str(one) for one in body.get("tolist", [])],
            required(body, "msgid"),
            self.now(),
            roomid=to_text(body.get("roomid", ""), "roomid"),
        )
        return answer_json({"seq": seq}, status=201)

    async def make_room(self, request: web.Request) -> web.Response:
        """Colleagues open a group among themselves."""
        corp = self.corp(request)
        body = await read_body(request, {"name", "creator", "members", "notice"})
        members = tuple(self.member(corp, one).userid for one in body.get("members", []))
        room = Room(
            roomid=new_key(self.world, "wr", self.now()),
            name=required(body, "name"),
            creator=self.member(corp, required(body, "creator")).userid,
            create_time=int(self.now()),
            members=members,
            notice=to_text(body.get("notice", ""), "notice"),
        )
        self._archive(corp).book.save_room(room)
        return answer_json(plain(asdict(room)), status=201)

    async def make_robot(self, request: web.Request) -> web.Response:
        corp = self.corp(request)
        body = await read_body(request, {"name", "creator"})
        robot = Robot(
            robot_id=new_key(self.world, "wb", self.now()),
            name=required(body, "name"),
            creator=self.member(corp, required(body, "creator")).userid,
        )
        self._archive(corp).book.save_robot(robot)
        return answer_json(plain(asdict(robot)), status=201)

    def _archive(self, corp: Corp) -> Archiving:
        return Archiving(self.world, corp)


def _code(code: int, text: str) -> web.Response:
    """Answer with a return code of the library."""
    body: dict[str, Any] = {"errcode": code, "errmsg": text}
    return answer_json(body)


PART = CorpArchive
