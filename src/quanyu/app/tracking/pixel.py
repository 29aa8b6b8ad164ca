"""Events in the address of a picture, for places that run no script: mails, pages of others.

Source: Segment HTTP tracking API, pixel tracking: ``GET /v1/pixel/<kind>?data=<base64 of the call's JSON>``.
"""

import base64
import binascii
from typing import Any, Final
from urllib.parse import parse_qs

from quanyu.app.tracking.refusals import KINDS, InvalidBody, NoSuchCall, Reason

PATH: Final = "/v1/pixel/"
# The smallest GIF there is: one transparent point.
_PICTURE: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS: Final = (
    (b"content-type", b"image/gif"),
    (b"content-length", str(len(_PICTURE)).encode()),
    # Each showing is an event: nobody may keep the picture.
    (b"cache-control", b"no-store"),
    (b"access-control-allow-origin", b"*"),
)


def read(path: str, query: bytes) -> tuple[str, bytes]:
    """Return the call and the body that a picture's address carries; its write key is in the body.

    Raises:
        NoSuchCall: the path names no kind of event.
        InvalidBody: ``data`` is missing or not base64, plain or for addresses, padded or not.
    """
    call = path.removeprefix(PATH).removesuffix(".gif")
    if call not in KINDS:
        raise NoSuchCall(Reason.NO_SUCH_CALL)
    # A plus that nobody escaped arrives as a space.
    data = parse_qs(query.decode("latin-1")).get("data", [""])[0].replace(" ", "+")
    plain = data.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        body = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidBody(Reason.PIXEL) from error
    if not body:
        raise InvalidBody(Reason.PIXEL)
    return call, body


async def send(send: Any, status: int) -> None:
    """Answer with the picture, so that nothing is seen whatever became of the event."""
    await send({"type": "http.response.start", "status": status, "headers": list(_HEADERS)})
    await send({"type": "http.response.body", "body": _PICTURE})
