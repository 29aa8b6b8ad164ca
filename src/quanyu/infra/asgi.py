"""What bare ASGI doors share: reading a bounded body, sending a short answer."""

from typing import Any


class BodyRefused(Exception):
    """A request's body is not read; ``status`` answers it."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


async def read_body(receive: Any, headers: Any, bytes_max: int) -> bytes:
    """Return the whole body.

    Raises:
        BodyRefused: it is larger than ``bytes_max``, or the connection ended before it did.
    """
    for name, value in headers:
        if name == b"content-length" and value.isdigit() and int(value) > bytes_max:
            raise _too_large(bytes_max)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyRefused(400, "cut_short", "the request ended before its body did")
        body += message.get("body", b"")
        if len(body) > bytes_max:
            raise _too_large(bytes_max)
        if not message.get("more_body"):
            return bytes(body)


async def answer(send: Any, status: int, body: bytes, content_type: str) -> None:
    """Send an answer."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _too_large(bytes_max: int) -> BodyRefused:
    return BodyRefused(413, "too_large", f"the body exceeds {bytes_max} bytes")
