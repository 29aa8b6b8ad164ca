"""Reading ``multipart/form-data`` as leniently as the platform does.

File names may be quoted or not, and a part may lack its content type (RFC 7578 asks for neither).
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;]*))')
PARTS_MAX = 20


class InvalidMultipart(ValueError):
    """A body is not the multipart form it says it is."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file part."""

    filename: str
    content_type: str  # Empty when the part does not say.
    content: bytes


@dataclass(slots=True)
class Form:
    """All parts of one body by name."""

    files: dict[str, Upload] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def is_multipart(content_type: str) -> bool:
    return content_type.lower().startswith("multipart/form-data")


def parse_form(content_type: str, raw: bytes) -> Form:
    """Split a body into its parts.

    Raises:
        InvalidMultipart: no boundary, no closing mark, or too many parts.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise InvalidMultipart("no boundary")
    mark = b"--" + (found[1] or found[2]).encode()
    pieces = (b"\r\n" + raw).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise InvalidMultipart("the closing boundary is missing")
    if len(pieces) > PARTS_MAX + 2:
        raise InvalidMultipart("too many parts")
    form = Form()
    for piece in pieces[1:-1]:
        _take_part(form, piece)
    return form


def _take_part(form: Form, piece: bytes) -> None:
    head, separator, content = piece.partition(b"\r\n\r\n")
    if not separator:
        raise InvalidMultipart("a part has no head")
    headers = _read_headers(head)
    parameters = _read_parameters(headers.get("content-disposition", ""))
    name = parameters.get("name", "")
    if "filename" in parameters or "filename*" in parameters:
        form.files[name] = Upload(_filename(parameters), headers.get("content-type", ""), content)
    else:
        form.texts[name] = content.decode(errors="replace")


def _read_headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode(errors="replace").split("\r\n") if line)
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _read_parameters(disposition: str) -> dict[str, str]:
    return {name.lower(): (quoted or bare).strip() for name, quoted, bare in _PARAMETER.findall(disposition)}


def _filename(parameters: dict[str, str]) -> str:
    extended = parameters.get("filename*", "")
    if extended.count("'") >= 2:
        return unquote(extended.split("'", 2)[2])
    return parameters.get("filename", "")
