"""Small files that people send when nobody says which."""

import io
import struct

from PIL import Image

_AMR_SILENCE = bytes.fromhex("3c48f51f96665be0e1cfc36d5c14c4e3b1c3f4d6b06daddfad3b9d6e2d76e0")


def picture(person: int) -> bytes:
    """Return a plain JPEG in a colour of the person's own."""
    colour = ((person * 47) % 200 + 30, (person * 91) % 200 + 30, (person * 13) % 200 + 30)
    out = io.BytesIO()
    Image.new("RGB", (240, 240), colour).save(out, format="JPEG")
    return out.getvalue()


def voice(seconds: int = 1) -> bytes:
    """Return AMR narrow band: fifty frames of 20 ms for each second."""
    return b"#!AMR\n" + _AMR_SILENCE * 50 * seconds


def film() -> bytes:
    """Return the head of an MP4 with an empty body."""
    brand = b"isom" + struct.pack(">I", 512) + b"isomiso2mp41"
    return struct.pack(">I", 8 + len(brand)) + b"ftyp" + brand + struct.pack(">I", 8) + b"mdat"
