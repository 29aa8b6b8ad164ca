"""Multipart forms, read as leniently as the platform does."""

import pytest

from wechat_sandbox.wire.multipart import InvalidMultipart, Upload, parse_form

HEAD = "multipart/form-data; boundary=x1"


def body(disposition: str, content: bytes, *, extra: str = "") -> bytes:
    head = f"--x1\r\nContent-Disposition: form-data; {disposition}{extra}\r\n\r\n"
    return head.encode() + content + b"\r\n--x1--\r\n"


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('name="media"; filename="a.jpg"', "a.jpg"),
        ("name=media; filename=a.jpg", "a.jpg"),
        ("name=\"media\"; filename*=utf-8''%E8%8C%B6.jpg", "茶.jpg"),
        ('name="media"; filename="a b;c.jpg"', "a b;c.jpg"),
    ],
)
def test_file_names_of_all_spellings(disposition: str, filename: str) -> None:
    form = parse_form(HEAD, body(disposition, b"\r\n--x\x00\xff"))
    assert form.files == {"media": Upload(filename, "", b"\r\n--x\x00\xff")}


def test_texts_and_files_stand_side_by_side() -> None:
    raw = (
        b'--x1\r\nContent-Disposition: form-data; name="description"\r\n\r\n{"title":"\xe8\x8c\xb6"}'
        b'\r\n--x1\r\nContent-Disposition: form-data; name="media"; filename="v.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\nmp4\r\n--x1--\r\n"
    )
    form = parse_form('multipart/form-data; boundary="x1"', raw)
    assert form.texts == {"description": '{"title":"茶"}'}
    assert form.files == {"media": Upload("v.mp4", "video/mp4", b"mp4")}


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("multipart/form-data", b"--x1--"),
        (HEAD, b""),
        (HEAD, b"--x1\r\nContent-Disposition: form-data; name=a\r\n\r\nb"),
        (HEAD, b"--x1\r\nno head\r\n--x1--"),
        (HEAD, b"--x1\r\n\r\n" * 30 + b"--x1--"),
    ],
)
def test_what_is_no_form_is_refused(content_type: str, raw: bytes) -> None:
    with pytest.raises(InvalidMultipart):
        parse_form(content_type, raw)
