"""Files for the platform: named and hashed, for that is what an upload's signature covers."""

from hashlib import sha256

from quanyu.wechat.calls import File
from quanyu.wechat.pay.declaring import Meta


def meta_of(file: File) -> Meta:
    """Return what is signed of a file."""
    return Meta(filename=file.filename, sha256=sha256(file.content).hexdigest())
