"""The parts templates are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

Language = Literal["zh", "en"]

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
ORDERED: Final = "Order Completed"
FOLLOWED: Final = "wechat.official_account.followed"


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """Return the text in one of them."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Parts:
    """Makes nodes that speak through one account in one language."""

    account_id: str
    segment_id: str
    language: Language

    def say(
        self, label: Words, text: Words, following: str, *, valid_s: int = DAY_S, service: bool = False
    ) -> dict[str, Any]:
        """Write to them; ``service`` answers what they did themselves, all else is marketing."""
        return {
            "kind": "send",
            "label": label.to(self.language),
            "account_id": self.account_id,
            "message_kind": "customer_service_text",
            "content": {"text": text.to(self.language)},
            "message_class": "transactional" if service else "marketing",
            "expires_after_s": valid_s,
            "next": following,
        }

    def wait(self, seconds: int, following: str) -> dict[str, Any]:
        """Stay for a while."""
        return {"kind": "wait", "seconds": seconds, "next": following}

    def await_event(self, event: str, seconds: int, *, matched: str, timeout: str) -> dict[str, Any]:
        """Wait for something they may do."""
        return {
            "kind": "wait_event",
            "event": event,
            "timeout_s": seconds,
            "matched": matched,
            "timeout": timeout,
        }

    def ordered_lately(self, label: Words, days: int, *, yes: str, no: str) -> dict[str, Any]:
        """Ask whether they ordered within the last days."""
        window = {"kind": "rolling", "amount": days, "unit": "days"}
        test = {"kind": "event", "name": ORDERED, "window": window}
        return {"kind": "condition", "label": label.to(self.language), "test": test, "yes": yes, "no": no}

    def end(self, label: Words | None = None) -> dict[str, Any]:
        """Leave."""
        return {"kind": "end", **({"label": label.to(self.language)} if label else {})}

    def on_event(self, event: str, *, again_after_s: int | None, entry_key: str = "") -> dict[str, Any]:
        """Enter by an event: again after a time, or (``None``) after leaving."""
        mode = (
            {"mode": "cool_down", "cool_down_s": again_after_s} if again_after_s else {"mode": "after_exit"}
        )
        return {"kind": "event", "event": event, "entry_key": entry_key, "reentry": mode}

    def on_segment(self, *, again_after_s: int) -> dict[str, Any]:
        """Enter by a segment, its present members too."""
        return {
            "kind": "segment_entered",
            "segment_id": self.segment_id,
            "existing": True,
            "reentry": {"mode": "cool_down", "cool_down_s": again_after_s},
        }


@dataclass(frozen=True, slots=True)
class Template:
    """A journey to begin from. ``by_segment``: it begins with a segment of the brand's choice."""

    key: str
    name: Words
    lead: Words
    build: Callable[[Parts], dict[str, Any]]
    by_segment: bool = False
