"""Files: temporary ones, pictures for good, attachments, and fetching by address."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.endpoints.registry import Reply
from wechat_sandbox.endpoints.wecom.registry import WECOM, Answer, CorpCall
from wechat_sandbox.pace import PaceBook
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.jobs import finishes, start_job
from wechat_sandbox.state.media import MIB
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import made_id
from wechat_sandbox.state.wecom.events import tell_scope
from wechat_sandbox.state.wecom.media import ATTACHMENT_FILE_MAX, CorpFile, CorpMedia
from wechat_sandbox.wire.errors import PlatformError

DAY_S, MONTH_S = 86_400, 30 * 86_400
PICTURES_A_DAY, PICTURES_A_MONTH = 1000, 3000
FETCHED_MAX = 200 * MIB
_RANGE = re.compile(r"bytes=(\d+)-(\d*)\Z")
_ATTACHABLE = ("image", "video", "file")


@WECOM.post("/media/upload")
def upload(call: CorpCall) -> Answer:
    part = call.upload()
    file = _media(call).add(call.query.get("type", ""), part.content, call.at, name=part.filename)
    # A text here, a number for attachments: the platform's own inconsistency.
    return {"errmsg": "", "type": file.kind, "media_id": file.media_id, "created_at": str(int(call.at))}


@WECOM.post("/media/uploadimg")
def upload_picture(call: CorpCall) -> Answer:
    """Keep a picture for good: a thousand a day, three thousand a month."""
    content, paces = call.upload().content, call.desk.paces
    _count_picture(paces, call.corp.corpid, call.at)
    return {"url": _media(call).add_picture(content)}


@WECOM.post("/media/upload_attachment")
def upload_attachment(call: CorpCall) -> Answer:
    """Keep a file for moments or the product album."""
    kind, purpose = call.query.get("media_type", ""), call.query.get("attachment_type", "")
    if kind not in _ATTACHABLE or purpose not in ("1", "2"):
        raise PlatformError(41080)
    part = call.upload()
    size_max = ATTACHMENT_FILE_MAX if kind == "file" else 0
    file = _media(call).add(
        kind, part.content, call.at, name=part.filename, attachment_type=int(purpose), size_max=size_max
    )
    return {"type": kind, "media_id": file.media_id, "created_at": int(call.at)}


@WECOM.get("/media/get")
def download(call: CorpCall) -> Reply:
    """Return the bytes, a part of them when the call asks for a ``Range``."""
    media_id = call.query.get("media_id", "")
    if not media_id:
        raise PlatformError(41006)
    media = _media(call)
    file = media.get(media_id, call.at)
    return _file_reply(file, media.read(file), call.headers.get("Range", ""))


@WECOM.get("/media/get/jssdk")
def download_voice(call: CorpCall) -> Reply:
    """Return a voice as it was recorded in a page (speex, 16 kHz)."""
    media_id = call.query.get("media_id", "")
    if not media_id:
        raise PlatformError(41006)
    media = _media(call)
    file = media.get(media_id, call.at, "voice")
    headers = {"Content-disposition": f'attachment; filename="{file.media_id}.speex"'}
    return Reply(body=media.read(file), content_type="voice/speex", headers=headers)


def _media(call: CorpCall) -> CorpMedia:
    return CorpMedia(call.world, call.corp)


def _count_picture(paces: PaceBook, corpid: str, at: float) -> None:
    for seconds, limit in ((DAY_S, PICTURES_A_DAY), (MONTH_S, PICTURES_A_MONTH)):
        paces.count(f"picture:{seconds}:{corpid}", at=at, seconds=seconds, limit=limit, code=45009)


def _file_reply(file: CorpFile, content: bytes, wanted: str) -> Reply:
    name = file.name.replace('"', "").encode("latin-1", "replace").decode("latin-1")
    headers = {"Content-disposition": f'attachment; filename="{name}"', "Accept-Ranges": "bytes"}
    found = _RANGE.match(wanted)
    if found is None or int(found[1]) >= len(content):
        return Reply(body=content, content_type=file.content_type, headers=headers)
    first = int(found[1])
    last = min(int(found[2]) if found[2] else len(content) - 1, len(content) - 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Reply(body=content[first : last + 1], content_type=file.content_type, status=206, headers=headers)


# Fetching by address


@dataclass(slots=True, kw_only=True)
class Fetching:
    """One file the platform was asked to fetch."""

    jobid: str
    type: str
    filename: str
    url: str
    md5: str
    scope: str
    status: int = 1  # 1 running, 2 done, 3 failed
    detail: dict[str, Any] = field(default_factory=dict)


@WECOM.post("/media/upload_by_url")
def upload_by_url(call: CorpCall) -> Answer:
    """Fetch a file in the background; the end is told as ``upload_media_job_finish``."""
    if call.number("scene") != 1:
        raise PlatformError(40058, "scene")
    kind = call.text("type", missing=40058)
    if kind not in ("video", "file"):
        raise PlatformError(40004)
    fetching = Fetching(
        jobid=made_id("job", call.corp.corpid, call.world.new_id(call.at)),
        type=kind,
        filename=call.text("filename", missing=40058),
        url=call.text("url", missing=41010),
        md5=call.text("md5", missing=40058).lower(),
        scope=call.scope,
    )
    _fetchings(call.world).put(call.corp.corpid, fetching.jobid, fetching)
    start_job(call.world, call.corp, "corp_fetch", fetching.jobid)
    return {"jobid": fetching.jobid}


@WECOM.post("/media/get_upload_by_url_result")
def get_fetched(call: CorpCall) -> Answer:
    found = _fetchings(call.world).find(call.corp.corpid, call.text("jobid", missing=40058))
    if found is None:
        raise PlatformError(40058, "jobid")
    return {"status": found.status, "detail": found.detail} if found.detail else {"status": found.status}


@finishes("corp_fetch")
def _fetch(world: Core, corp: Corp, jobid: str) -> None:
    fetching = _fetchings(world).find(corp.corpid, jobid)
    if fetching is not None:
        world.fetch(fetching.url, lambda content: _fetched(world, corp, fetching, content))


def _fetched(world: Core, corp: Corp, fetching: Fetching, content: bytes | None) -> None:
    """Keep what was fetched, and tell the caller that the job has ended."""
    at = world.now()
    try:
        if content is None:
            raise PlatformError(41010, "the file can not be fetched")
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != fetching.md5:
            raise PlatformError(40035, "md5 does not match")
        media = CorpMedia(world, corp)
        file = media.add(fetching.type, content, at, name=fetching.filename, size_max=FETCHED_MAX)
        fetching.status = 2
        fetching.detail = {
            "errcode": 0,
            "errmsg": "ok",
            "media_id": file.media_id,
            "created_at": str(int(at)),
        }
    except PlatformError as error:
        fetching.status = 3
        fetching.detail = {"errcode": error.code, "errmsg": error.detail or "failed", "media_id": ""}
    _fetchings(world).put(corp.corpid, fetching.jobid, fetching)
    event = "upload_media_job_finish"
    tell_scope(world, corp, fetching.scope, event, at, {"JobId": fetching.jobid}, about=fetching.jobid)


def _fetchings(world: Core) -> Shelf[Fetching]:
    return Shelf(world.store, "corp_fetching", Fetching)
