"""Pictures merchants upload: for coupons and for answers to complaints."""

from wechat_sandbox.endpoints.pay.registry import PAY, Answer, File, Limit, PayCall
from wechat_sandbox.state.shelf import Blobs
from wechat_sandbox.wire.pay.errors import PayError

SIZE_MAX = 2 * 1024 * 1024
_KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"BM": "image/bmp"}


@PAY.post("/v3/marketing/favor/media/image-upload", is_upload=True)
def upload_coupon_picture(call: PayCall) -> Answer:
    """A picture for a coupon."""
    key = _keep(call)
    return {"media_url": f"https://wxpaylogo.qpic.cn/wxpaylogo/{key}/0"}


@PAY.post("/v3/merchant-service/images/upload", is_upload=True, limit=Limit(calls=60, seconds=60))
def upload_complaint_picture(call: PayCall) -> Answer:
    """A picture for the answer to a complaint."""
    return {"media_id": _keep(call)}


@PAY.get("/v3/merchant-service/images/{media_id}")
def download_complaint_picture(call: PayCall) -> Answer:
    """A picture of a complaint; the answer is not signed."""
    found = Blobs(call.pay.store).find(f"pay-picture:{call.params['media_id']}")
    if found is None:
        raise PayError("RESOURCE_NOT_EXISTS", "图片不存在")
    return File(content=found[0], content_type=found[1])


def _keep(call: PayCall) -> str:
    assert call.file is not None
    content = call.file.content
    kind = next((kind for begin, kind in _KINDS.items() if content.startswith(begin)), None)
    if kind is None or len(content) > SIZE_MAX:
        raise PayError("PARAM_ERROR", "图片应为 2MB 以内的 JPG、PNG 或 BMP")
    key = call.pay.token("picture", 64)
    Blobs(call.pay.store).put(f"pay-picture:{key}", content, kind)
    return key
