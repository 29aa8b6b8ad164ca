"""Temporary media: kept for three days, named by a ``media_id`` that may be used many times.

Images up to 10 MB, voices 2 MB and 60 s, videos 10 MB, thumbnails 64 KB.
Source: developers.weixin.qq.com, 素材管理 / 临时素材 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Download, File, Request

MediaType = Literal["image", "voice", "video", "thumb"]


class UploadRequest(Request, frozen=True):
    type: MediaType
    media: File


class Uploaded(Answer, frozen=True):
    type: str
    created_at: int  # Unix seconds.
    media_id: str = ""
    thumb_media_id: str = ""  # How the id of a thumbnail is named.

    @property
    def id(self) -> str:
        """The id, under whichever name it came."""
        return self.media_id or self.thumb_media_id


class MediaRequest(Request, frozen=True):
    media_id: str


class TemporaryMedia(Download, frozen=True):
    """The file, or for a video the address where it lies."""

    video_url: str = ""


UPLOAD: Final = Call(
    "POST", "/cgi-bin/media/upload", UploadRequest, Uploaded, repeatable=True, query=("type",)
)
DOWNLOAD: Final = Call("GET", "/cgi-bin/media/get", MediaRequest, TemporaryMedia, repeatable=True)
# Voices that a page recorded by JS-SDK, in 16 kHz speex.
DOWNLOAD_VOICE: Final = Call("GET", "/cgi-bin/media/get/jssdk", MediaRequest, Download, repeatable=True)
