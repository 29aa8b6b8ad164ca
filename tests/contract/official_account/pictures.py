"""Small files of the kinds the platform takes."""

import io

from PIL import Image

from quanyu.wechat.calls import File


def jpeg(shade: int = 120, *, side: int = 24) -> File:
    """Return a picture; another shade is another picture."""
    content = io.BytesIO()
    Image.new("RGB", (side, side), (shade, 90, 30)).save(content, "JPEG")
    return File(content.getvalue(), f"茶{shade}.jpg", "image/jpeg")


def looks_like_jpeg(file: File | None) -> bool:
    """Tell whether a file begins as a JPEG does."""
    return file is not None and file.content.startswith(b"\xff\xd8\xff")
