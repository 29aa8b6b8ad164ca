"""Files: temporary ones for three days, pictures for good, and those the platform fetches by itself.

Every file has more than 5 bytes. Temporary: image 10 MB JPG/PNG, voice 2 MB and 60 s AMR, video 10 MB MP4,
file 20 MB. Attachments (of moments, of product albums): image 10 MB, video 10 MB and 30 s.
Source: developer.work.weixin.qq.com, 上传临时素材 (path 90253), 上传图片 (90256), 上传附件资源 (95098),
异步上传临时素材 (96219); read 2026.
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Download, File, Part, Request
from quanyu.wechat.wecom.declaring import ask, get, post

MediaType = Literal["image", "voice", "video", "file"]


class UploadRequest(Request, frozen=True):
    type: MediaType
    media: File


class Uploaded(Answer, frozen=True):
    media_id: str
    type: str = ""
    created_at: int = 0  # Unix seconds; as text on the wire.


class UploadImageRequest(Request, frozen=True):
    media: File  # 5 bytes to 2 MB, JPG or PNG.


class ImageUploaded(Answer, frozen=True):
    url: str  # Shown inside WeCom only, for good.


class MediaRequest(Request, frozen=True):
    media_id: str


class UploadAttachmentRequest(Request, frozen=True):
    media_type: Literal["image", "video", "file"]
    attachment_type: Literal[1, 2]  # 1 moments, 2 product album.
    media: File


class UploadByUrlRequest(Request, frozen=True):
    scene: Literal[1]  # 1: for welcome and mass messages.
    type: Literal["video", "file"]
    filename: str
    url: str  # Must answer requests for ranges.
    md5: str  # Of the file.


class JobId(Answer, frozen=True):
    jobid: str


class JobRequest(Request, frozen=True):
    jobid: str


class UploadDetail(Part, frozen=True):
    errcode: int = 0
    errmsg: str = ""
    media_id: str = ""
    created_at: int = 0  # Unix seconds.


class UploadJob(Answer, frozen=True):
    status: int  # 1 running, 2 done, 3 failed.
    detail: UploadDetail = UploadDetail()


UPLOAD: Final = post("/media/upload", UploadRequest, Uploaded, repeatable=True, query=("type",))
# 1,000 a day and 3,000 a month.
UPLOAD_IMAGE: Final = post("/media/uploadimg", UploadImageRequest, ImageUploaded)
DOWNLOAD: Final = get("/media/get", MediaRequest, Download)
# Voices that a page recorded by JS-SDK, in 16 kHz speex.
DOWNLOAD_VOICE: Final = get("/media/get/jssdk", MediaRequest, Download)
UPLOAD_ATTACHMENT: Final = post(
    "/media/upload_attachment",
    UploadAttachmentRequest,
    Uploaded,
    repeatable=True,
    query=("media_type", "attachment_type"),
)
UPLOAD_BY_URL: Final = post("/media/upload_by_url", UploadByUrlRequest, JobId, repeatable=True)
UPLOAD_BY_URL_RESULT: Final = ask("/media/get_upload_by_url_result", JobRequest, UploadJob)
