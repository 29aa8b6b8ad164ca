"""Pictures the platform makes."""

import io

import segno
from PIL import Image

QR_PIXELS = 430


def qr_jpeg(text: str, *, pixels: int = QR_PIXELS) -> bytes:
    """Return a QR code as a square JPEG."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=10, border=4)
    out = io.BytesIO()
    with Image.open(drawn) as image:
        image.convert("RGB").resize((pixels, pixels)).save(out, format="JPEG", quality=90)
    return out.getvalue()
