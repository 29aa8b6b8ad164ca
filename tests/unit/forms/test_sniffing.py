"""Files are what their content says; whatever hides in them is dropped or refused."""

import io
import zipfile

import pytest
from PIL import Image

from quanyu.modules.forms.sniffing import SIDE_MAX, Unsafe, sniff


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (40, 20), exif: Image.Exif | None = None) -> bytes:
    made = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, "red").save(made, kind, **({"exif": exif} if exif else {}))
    return made.getvalue()


def package(*parts: str, content: bytes = b"<x/>", before: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, content)
    return before + made.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


def test_a_picture_is_drawn_anew_without_what_else_was_in_the_file() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned by a quarter.
    exif[0x010E] = "home address"
    hidden = package("word/document.xml")
    found = sniff(picture(exif=exif) + hidden, images_only=True)
    assert found.kind == "jpg"
    assert b"home address" not in found.content
    assert b"PK\x03\x04" not in found.content
    with Image.open(io.BytesIO(found.content)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((20, 40), {})


def test_a_picture_keeps_what_one_sees_through_and_no_more_than_fits() -> None:
    found = sniff(picture("PNG", size=(2 * SIDE_MAX, 10)), images_only=True)
    with Image.open(io.BytesIO(found.content)) as shown:
        assert (found.kind, shown.mode, shown.width) == ("png", "RGBA", SIDE_MAX)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (package("word/document.xml"), "docx"),
        (package("xl/workbook.xml"), "xlsx"),
        (package("ppt/presentation.xml"), "pptx"),
    ],
)
def test_documents_are_told_by_their_content(content: bytes, kind: str) -> None:
    assert sniff(content, images_only=False).kind == kind
    assert sniff(content, images_only=False).content == content
    with pytest.raises(Unsafe) as refusal:
        sniff(content, images_only=True)
    assert refusal.value.code == "no_image"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><script>alert(1)</script>", "file_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_kind"),
        (b"MZ\x90\x00", "file_kind"),
        (b"", "file_kind"),
        (picture()[:60], "broken"),
        (b"\xff\xd8\xff<?php ?>", "broken"),
        (PDF[:-7], "broken"),
        (PDF + package("word/document.xml"), "polyglot"),
        (PDF.replace(b"<<>>", b"<</S /JavaScript>>"), "active"),
        (package("a.txt"), "file_kind"),
        (package("word/document.xml")[:-10], "broken"),
        (package("word/document.xml", content=b"0" * 3_000_000), "bomb"),
        (package("word/document.xml", "word/vbaProject.bin"), "active"),
    ],
)
def test_what_is_not_what_it_says_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Unsafe) as refusal:
        sniff(content, images_only=False)
    assert refusal.value.code == code


def test_a_document_behind_something_else_is_refused() -> None:
    hidden = package("word/document.xml", before=b"PK\x03\x04" + b"x" * 40)
    with pytest.raises(Unsafe) as refusal:
        sniff(hidden, images_only=False)
    assert refusal.value.code in ("polyglot", "broken")


def test_a_picture_of_too_many_points_is_not_opened() -> None:
    made = io.BytesIO()
    Image.new("1", (8_000, 7_000)).save(made, "PNG")
    with pytest.raises(Unsafe) as refusal:
        sniff(made.getvalue(), images_only=True)
    assert refusal.value.code == "too_large"
