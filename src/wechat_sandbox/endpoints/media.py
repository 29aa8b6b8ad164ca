"""Temporary files: three days, any number of uses."""

import secrets
from collections.abc import Mapping

from wechat_sandbox.endpoints.registry import REGISTRY, Call, Reply
from wechat_sandbox.state.media import (
    MIB,
    FileFormat,
    Media,
    MediaFile,
    MediaKind,
    detect_format,
    public_file_url,
)
from wechat_sandbox.state.shelf import Blobs
from wechat_sandbox.wire.errors import PlatformError

BODY_IMAGE_BYTES_MAX = MIB


@REGISTRY.post("/cgi-bin/media/upload")
def upload(call: Call) -> Mapping[str, object]:
    kind = read_kind(call)
    part = call.upload()
    file = Media(call.world, call.account).add(
        kind, part.content, call.at, name=part.filename, permanent=False
    )
    name = "thumb_media_id" if kind is MediaKind.THUMB else "media_id"
    return {"type": kind.value, name: file.media_id, "created_at": int(call.at)}


@REGISTRY.get("/cgi-bin/media/get", daily_limit=200_000)
def download(call: Call) -> Mapping[str, object] | Reply:
    """Return the bytes; a video's address instead."""
    media = Media(call.world, call.account)
    file = media.get(call.query.get("media_id", ""), call.at)
    if file.kind is MediaKind.VIDEO:
        return {"video_url": file.url}
    return file_reply(file, media.read(file))


@REGISTRY.get("/cgi-bin/media/get/jssdk", daily_limit=200_000)
def download_voice(call: Call) -> Reply:
    """Return a voice in the quality it was recorded in (speex, 16 kHz)."""
    media = Media(call.world, call.account)
    file = media.get(call.query.get("media_id", ""), call.at, MediaKind.VOICE)
    return Reply(
        body=media.read(file),
        content_type="voice/speex",
        headers={"Content-Disposition": f'attachment; filename="{file.media_id}.speex"'},
    )


@REGISTRY.post("/cgi-bin/media/uploadimg")
def upload_body_image(call: Call) -> Mapping[str, object]:
    """Keep a picture for the body of an article: an address, no media id, outside the library."""
    content = call.upload().content
    if len(content) >= BODY_IMAGE_BYTES_MAX:
        raise PlatformError(40009)
    found = detect_format(content)
    if found not in (FileFormat.JPEG, FileFormat.PNG):
        raise PlatformError(40005)
    key = secrets.token_urlsafe(48)
    Blobs(call.world.store).put(key, content, found.content_type)
    return {"url": public_file_url(call.world, key, found)}


def read_kind(call: Call) -> MediaKind:
    """Return ``type`` of the query, or raise 40004."""
    try:
        return MediaKind(call.query.get("type", ""))
    except ValueError as error:
        raise PlatformError(40004) from error


def file_reply(file: MediaFile, content: bytes) -> Reply:
    """Return a file as a download."""
    name = f"{file.media_id}.{file.format.value}"
    return Reply(
        body=content,
        content_type=file.format.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
