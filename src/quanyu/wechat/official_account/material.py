"""Permanent material: pictures, voices, videos and thumbnails that stay until deleted.

100,000 pictures, 1,000 of the others. Pictures up to 10 MB, voices 2 MB, videos 10 MB, thumbnails 64 KB.
Source: developers.weixin.qq.com, 素材管理 / 永久素材 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Done, Download, File, Nothing, Part, Request
from quanyu.wechat.common.media import MediaType
from quanyu.wechat.official_account.drafts import ArticleInfo, ArticleList


class VideoDescription(Part, frozen=True):
    title: str
    introduction: str


class AddRequest(Request, frozen=True):
    type: MediaType
    media: File
    description: VideoDescription | None = None  # Videos need it.


class Added(Answer, frozen=True):
    media_id: str
    url: str = ""  # Of pictures; shown inside the platform's own pages only.


class PictureRequest(Request, frozen=True):
    media: File  # JPG or PNG, less than 1 MB.


class PictureAdded(Answer, frozen=True):
    url: str  # For the body of an article; not part of the library.


class MediaIdRequest(Request, frozen=True):
    media_id: str


class Material(Download, frozen=True):
    """A file; or for a video where it lies, and for old news their articles."""

    title: str = ""
    description: str = ""
    down_url: str = ""
    news_item: tuple[ArticleInfo, ...] = ()


class CountAnswer(Answer, frozen=True):
    voice_count: int = 0
    video_count: int = 0
    image_count: int = 0
    news_count: int = 0


class ListRequest(Request, frozen=True):
    type: Literal["image", "video", "voice", "news"]
    offset: int
    count: int  # 1 to 20.


class MaterialItem(Part, frozen=True):
    media_id: str
    name: str = ""
    update_time: int = 0  # Unix seconds.
    url: str = ""
    content: ArticleList = ArticleList()  # Of news.


class ListAnswer(Answer, frozen=True):
    total_count: int = 0
    item_count: int = 0
    item: tuple[MaterialItem, ...] = ()


class MassVideoRequest(Request, frozen=True):
    media_id: str  # Of an uploaded video.
    title: str = ""
    description: str = ""


class MassVideo(Answer, frozen=True):
    media_id: str  # To mass-send it by.
    type: str = ""
    created_at: int = 0


ADD: Final = Call("POST", "/cgi-bin/material/add_material", AddRequest, Added, query=("type",))
ADD_PICTURE: Final = Call("POST", "/cgi-bin/media/uploadimg", PictureRequest, PictureAdded, repeatable=True)
GET: Final = Call("POST", "/cgi-bin/material/get_material", MediaIdRequest, Material, repeatable=True)
DELETE: Final = Call("POST", "/cgi-bin/material/del_material", MediaIdRequest, Done)
COUNT: Final = Call("GET", "/cgi-bin/material/get_materialcount", Nothing, CountAnswer, repeatable=True)
LIST: Final = Call("POST", "/cgi-bin/material/batchget_material", ListRequest, ListAnswer, repeatable=True)
UPLOAD_MASS_VIDEO: Final = Call(
    "POST", "/cgi-bin/media/uploadvideo", MassVideoRequest, MassVideo, repeatable=True
)
