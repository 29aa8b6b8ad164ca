"""What messages refer to: files of the company and pictures it has uploaded."""

from wechat_sandbox.endpoints.wecom.registry import CorpCall
from wechat_sandbox.state.wecom.content import Shelves
from wechat_sandbox.state.wecom.media import CorpMedia
from wechat_sandbox.wire.errors import PlatformError


def shelves_of(call: CorpCall, *, attachment_type: int = 0) -> Shelves:
    """Return what a call may refer to; moments take files uploaded for them alone."""
    media = CorpMedia(call.world, call.corp)

    def has_media(media_id: str, kind: str) -> bool:
        try:
            media.get(media_id, call.at, kind, attachment_type=attachment_type)
        except PlatformError:
            return False
        return True

    return Shelves(has_media=has_media, has_picture=media.has_picture)


def keep_picture(call: CorpCall, media_id: str) -> str:
    """Return an address that shows a picture for good (40007 no such picture)."""
    media = CorpMedia(call.world, call.corp)
    return media.add_picture(media.read(media.get(media_id, call.at, "image")))
