"""What the log says that staff reads beside the names in ``channels/wecom/translation``."""

from typing import Final

from quanyu.modules.channels.wecom.translation import PREFIX

DEPARTMENT: Final = f"{PREFIX}department_"
INHERITED: Final = "DELETE_BY_TRANSFER"  # ``properties.source`` of a deletion by which a customer moved on.
