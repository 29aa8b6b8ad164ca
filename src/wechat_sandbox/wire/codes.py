"""Pictures of codes that lead into mini programs.

The platform draws its own round code; these carry the same as a QR code, so that any scanner can read them.
"""

import io

import segno
from PIL import Image


def code_picture(
    text: str, *, pixels: int, colour: tuple[int, int, int] = (0, 0, 0), transparent: bool = False
) -> bytes:
    """Return a square picture: JPEG, or PNG with a clear ground."""
    drawn = io.BytesIO()
    light = None if transparent else "white"
    segno.make(text, error="m", micro=False).save(
        drawn, kind="png", scale=10, border=4, dark=colour, light=light
    )
    out = io.BytesIO()
    with Image.open(drawn) as image:
        sized = image.convert("RGBA" if transparent else "RGB").resize((pixels, pixels))
        sized.save(out, format="PNG" if transparent else "JPEG", quality=90)
    return out.getvalue()
