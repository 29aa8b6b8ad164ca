"""What a company's administrators have set in the console, beyond what the API can."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.rhythm import Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpSettings:
    """The settings of one company."""

    rhythm: Rhythm = Rhythm.MONTH  # How often customers and groups may receive mass messages.
    moments_per_month: int = 0  # Of the company, to one customer; 0: no limit, as none is documented.
    moments_per_day: int = 0  # Of one member, to one customer; 0: no limit.
    upgrade_members: tuple[str, ...] = ()  # Of 微信客服: whom customers may be passed on to.
    upgrade_departments: tuple[int, ...] = ()
    upgrade_groups: tuple[str, ...] = ()
    channels_bound: bool = False  # 视频号 is bound to 微信客服.

    @classmethod
    def of(cls, world: Core, corp: Corp) -> "CorpSettings":
        body = world.store.read_meta(_key(corp))
        return cls() if body is None else msgspec.convert(body, cls)

    def save(self, world: Core, corp: Corp) -> None:
        world.store.write_meta(_key(corp), asdict(self))

    def changed(self, values: dict[str, Any]) -> "CorpSettings":
        """Return them with some values replaced.

        Raises:
            ValueError: no such setting, or a value of the wrong kind.
        """
        whole = asdict(self)
        if unknown := sorted(set(values) - set(whole)):
            raise ValueError(f"unknown setting: {', '.join(unknown)}")
        try:
            return replace(msgspec.convert(whole | values, CorpSettings))
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error


def _key(corp: Corp) -> str:
    return f"corp_settings:{corp.corpid}"
