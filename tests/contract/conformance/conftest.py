"""The platform of a module, and the files its cases send."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from contract.conformance.platform import Platform, running_platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running_platform(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a file of each kind the platform takes."""
    directory = tmp_path_factory.mktemp("files")
    picture = Image.new("RGB", (120, 120), (20, 120, 60))
    for name, kind in (("photo.jpg", "JPEG"), ("photo.png", "PNG")):
        content = BytesIO()
        picture.save(content, kind)
        (directory / name).write_bytes(content.getvalue())
    # Sound and film are recognised by their first bytes.
    (directory / "voice.amr").write_bytes(b"#!AMR\n" + bytes(320))
    (directory / "voice.mp3").write_bytes(b"ID3\x03\x00\x00\x00\x00\x00\x00" + bytes(417))
    (directory / "film.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(512))
    return directory
