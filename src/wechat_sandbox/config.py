"""Options of the sandbox, from a TOML file and from flags (flags win)."""

import tomllib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from wechat_sandbox.accounts import AccountKind, CallbackFormat, CallbackMode
from wechat_sandbox.faults import InvalidFault, read_fault
from wechat_sandbox.state.pay.merchants import MERCHANTS_MAX, SETTINGS
from wechat_sandbox.state.sms import SmsApp
from wechat_sandbox.state.wecom.corp import Corp, CorpMint

_ACCOUNT_KEYS = frozenset(
    {
        "name", "appid", "secret", "original_id", "token", "aes_key", "callback_url",
        "kind", "callback_mode", "callback_format", "platform_id", "certified", "oauth_domain",
    }
)  # fmt: skip
_TRACKING_KEYS = {"url": "tracking_url", "write_key": "write_key"}


class InvalidConfig(ValueError):
    """The configuration cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Everything that can be set."""

    host: str = "127.0.0.1"
    port: int = 8090
    https_port: int | None = None  # None: no HTTPS.
    tls_dir: Path | None = None  # Where the test authority lives; None: beside the state.
    seed: int | None = None  # None: drawn at the first start, kept with the state.
    people: int = 300
    activity: float = 1.0
    state: Path | None = None
    accounts: tuple[dict[str, Any], ...] = field(default_factory=lambda: ({},))
    corps: tuple[dict[str, Any], ...] = ()  # Companies of 企业微信.
    merchants: tuple[dict[str, Any], ...] = field(default_factory=lambda: ({},))
    sms: tuple[dict[str, Any], ...] = ()  # Applications of Tencent Cloud SMS.
    tracking_url: str = ""
    write_key: str = ""
    backfill_days: int = 0
    backfill_events_max: int = 5000
    crowd: bool = True  # False: nobody acts by themselves.
    faults: tuple[dict[str, Any], ...] = ()  # Rules in force from the start.
    fault_seed: int | None = None  # None: the seed of everything.

    def checked(self) -> "SandboxConfig":
        """Return the configuration if it makes sense.

        Raises:
            InvalidConfig: a value outside its range, or an address that is none.
        """
        _require(0 <= self.port <= 65535, "port is between 0 and 65535")
        _require(
            self.https_port is None or 0 <= self.https_port <= 65535, "https_port is between 0 and 65535"
        )
        _require(0 <= self.people <= 200_000, "people is between 0 and 200000")
        _require(0 < self.activity <= 10_000, "activity is above 0 and at most 10000")
        _require(0 <= self.backfill_days <= 365, "backfill_days is between 0 and 365")
        _require(0 <= self.backfill_events_max <= 1_000_000, "backfill_events_max is at most 1000000")
        _require(1 <= len(self.accounts) <= 20, "there are between 1 and 20 accounts")
        for account in self.accounts:
            _require(isinstance(account.get("certified", True), bool), "certified is true or false")
            _check_choice(account, "kind", AccountKind)
            _check_choice(account, "callback_mode", CallbackMode)
            _check_choice(account, "callback_format", CallbackFormat)
            is_json = account.get("callback_format") == CallbackFormat.JSON
            _require(
                not is_json or account.get("kind") == AccountKind.MINI_PROGRAM,
                "only a mini program takes callbacks as JSON",
            )
        _require(len(self.corps) <= 20, "there are at most 20 companies")
        for ordinal, corp in enumerate(self.corps):
            _check_corp(ordinal, corp)
        _require(len(self.merchants) <= MERCHANTS_MAX, f"there are at most {MERCHANTS_MAX} merchants")
        for merchant in self.merchants:
            _refuse_unknown(merchant, set(SETTINGS | {"mchid"}), "merchant.")
        _require(len(self.sms) <= 20, "there are at most 20 applications of SMS")
        for app in self.sms:
            _check_sms(app)
        for fault in self.faults:
            _check_fault(fault)
        for url in (self.tracking_url, *(account.get("callback_url", "") for account in self.accounts)):
            _require(not url or url.startswith(("http://", "https://")), f"not an http address: {url}")
        return self


def load(path: Path | None, flags: dict[str, Any]) -> SandboxConfig:
    """Read a file, put the given flags over it, and check the result.

    Raises:
        InvalidConfig: unreadable, unknown keys or bad values.
    """
    options = _read_file(path) if path else {}
    options |= {name: value for name, value in flags.items() if value is not None}
    try:
        return SandboxConfig(**options).checked()
    except TypeError as error:
        raise InvalidConfig(str(error)) from error


def with_callback(config: SandboxConfig, callback_url: str) -> SandboxConfig:
    """Return the configuration with the first account's callback address set."""
    first = config.accounts[0] | {"callback_url": callback_url}
    return replace(config, accounts=(first, *config.accounts[1:])).checked()


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidConfig(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidConfig(f"{path} is not TOML: {error}") from error
    accounts = content.pop("account", None)
    corps = content.pop("corp", [])
    merchants = content.pop("merchant", None)
    faults = content.pop("fault", [])
    texting = content.pop("sms", [])
    tracking = content.pop("tracking", {})
    options = content
    allowed = set(SandboxConfig.__dataclass_fields__) - {
        "accounts",
        "corps",
        "merchants",
        "faults",
        "sms",
        "tracking_url",
        "write_key",
    }
    _refuse_unknown(options, allowed, "")
    _refuse_unknown(tracking, set(_TRACKING_KEYS), "tracking.")
    options |= {_TRACKING_KEYS[name]: value for name, value in tracking.items()}
    if accounts is not None:
        for account in accounts:
            _refuse_unknown(account, set(_ACCOUNT_KEYS), "account.")
        options["accounts"] = tuple(accounts)
    for corp in corps:
        _refuse_unknown(corp, set(Corp.__dataclass_fields__), "corp.")
    if corps:
        options["corps"] = tuple(corps)
    if merchants is not None:
        options["merchants"] = tuple(merchants)
    if texting:
        options["sms"] = tuple(texting)
    if faults:
        options["faults"] = tuple(faults)
    for name in ("state", "tls_dir"):
        if name in options:
            options[name] = Path(options[name])
    return options


def _refuse_unknown(given: dict[str, Any], allowed: set[str], prefix: str) -> None:
    if unknown := sorted(set(given) - allowed):
        raise InvalidConfig(f"unknown setting: {', '.join(prefix + name for name in unknown)}")


def _check_choice(account: dict[str, Any], name: str, choices: type[StrEnum]) -> None:
    known = [choice.value for choice in choices]
    _require(account.get(name, known[0]) in known, f"{name} is one of {', '.join(known)}")


def _check_corp(ordinal: int, values: dict[str, Any]) -> None:
    try:
        CorpMint(0).corp(ordinal, values)
    except (msgspec.ValidationError, TypeError, AttributeError, ValueError) as error:
        raise InvalidConfig(f"corp: {error}") from error


def _check_sms(description: dict[str, Any]) -> None:
    try:
        msgspec.convert(description, SmsApp)
    except msgspec.ValidationError as error:
        raise InvalidConfig(f"sms: {error}") from error


def _check_fault(description: dict[str, Any]) -> None:
    try:
        read_fault(description)
    except InvalidFault as error:
        raise InvalidConfig(f"fault: {error}") from error


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise InvalidConfig(message)
