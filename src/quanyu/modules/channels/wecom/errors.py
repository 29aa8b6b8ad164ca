"""What a caller of a corp may anticipate."""

from quanyu.kernel.errors import Conflict
from quanyu.modules.channels.errors import UnknownAccount


class UnknownCorp(UnknownAccount):
    """No connected corp has this id."""


class SecretMissing(Conflict):
    """The call needs a secret of the corp that was not given."""

    code = "channels.corp_secret_missing"
