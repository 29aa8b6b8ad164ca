"""Applications of Tencent Cloud SMS: what was sent, what arrived, what people answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from wechat_sandbox.clock import china_day
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.storage import Storage

MARKETING, NOTICE = 1, 2
_COUNTER = "sms_counter"
# The platform's own limits for one number, unless a brand had them raised.
THIRTY_SECONDS, PER_HOUR, PER_DAY = 1, 5, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsTemplate:
    """A text with ``{1}``, ``{2}`` …; ``status`` is 0 when it may be used."""

    template_id: str
    text: str
    type: int = NOTICE
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsApp:
    """One application. ``arrive_s`` is how long a message takes to arrive."""

    app_id: str
    secret_id: str
    secret_key: str
    sign_name: str
    templates: tuple[SmsTemplate, ...] = ()
    arrive_s: float = 3.0
    balance: int = 1_000_000  # Messages paid for.
    blacklist: tuple[str, ...] = ()

    def template(self, template_id: str) -> SmsTemplate | None:
        return next((one for one in self.templates if one.template_id == template_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentSms:
    """A message on its way, or there."""

    serial_no: str
    phone: str
    text: str
    template_id: str
    context: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsReply:
    """What somebody answered."""

    phone: str
    text: str
    at: float


@dataclass(slots=True)
class SmsBook:
    """All applications of the sandbox."""

    store: Storage
    apps: Mapping[str, SmsApp] = field(default_factory=dict)

    def ensure(self, settings: Sequence[Mapping[str, Any]]) -> None:
        """Take the applications of the configuration.

        Raises:
            msgspec.ValidationError: one is not described as it must be.
        """
        found = [msgspec.convert(dict(one), SmsApp) for one in settings]
        self.apps = {one.app_id: one for one in found}

    def by_secret(self, secret_id: str) -> SmsApp | None:
        return next((one for one in self.apps.values() if one.secret_id == secret_id), None)

    def send(
        self, app: SmsApp, *, phone: str, text: str, template_id: str, context: str, at: float
    ) -> SentSms:
        """Let a message go out."""
        number = int(self.store.read_meta(_COUNTER) or 0) + 1
        self.store.write_meta(_COUNTER, number)
        serial_no = f"2645:{int(at)}{number:012d}"
        sent = SentSms(
            serial_no=serial_no, phone=phone, text=text, template_id=template_id, context=context, at=at
        )
        self._sent.put(app.app_id, serial_no, sent)
        self._unreported.put(app.app_id, serial_no, sent)
        return sent

    def sent(self, app_id: str) -> list[SentSms]:
        """Return what went out, oldest first."""
        return self._sent.values(app_id)

    def limit_of(self, app: SmsApp, phone: str, at: float) -> str:
        """Return which limit of its own a number has reached, or ''."""
        times = [one.at for one in self._sent.values(app.app_id) if one.phone == phone]
        if sum(at - one < 30 for one in times) >= THIRTY_SECONDS:
            return "LimitExceeded.PhoneNumberThirtySecondLimit"
        if sum(at - one < 3600 for one in times) >= PER_HOUR:
            return "LimitExceeded.PhoneNumberOneHourLimit"
        if sum(china_day(one) == china_day(at) for one in times) >= PER_DAY:
            return "LimitExceeded.PhoneNumberDailyLimit"
        return ""

    def take_reports(self, app: SmsApp, limit: int, at: float) -> list[SentSms]:
        """Return messages that arrived and were not reported yet; each once."""
        due = [one for one in self._unreported.values(app.app_id) if one.at + app.arrive_s <= at][:limit]
        for one in due:
            self._unreported.drop(app.app_id, one.serial_no)
        return due

    def answer(self, app_id: str, phone: str, text: str, at: float) -> SmsReply:
        """Let somebody answer."""
        reply = SmsReply(phone=phone, text=text, at=at)
        self._replies.put(app_id, f"{at:.6f}:{phone}", reply)
        return reply

    def take_replies(self, app: SmsApp, limit: int) -> list[SmsReply]:
        """Return answers nobody was told of yet; each once."""
        taken = self._replies.items(app.app_id)[:limit]
        for key, _ in taken:
            self._replies.drop(app.app_id, key)
        return [reply for _, reply in taken]

    @property
    def _sent(self) -> Shelf[SentSms]:
        return Shelf(self.store, "sms_sent", SentSms)

    @property
    def _unreported(self) -> Shelf[SentSms]:
        return Shelf(self.store, "sms_unreported", SentSms)

    @property
    def _replies(self) -> Shelf[SmsReply]:
        return Shelf(self.store, "sms_reply", SmsReply)
