"""How the dispatcher behaves; typed, read once, passed in. All spans are real seconds."""

from pydantic import BaseModel, ConfigDict, Field


class DispatcherSettings(BaseModel):
    """Options of sending."""

    model_config = ConfigDict(frozen=True)

    concurrency: int = Field(default=256, ge=1, le=1_000)  # Calls in flight per account.
    rate_per_s: float = Field(default=5_000.0, gt=0)  # Per account, unless the brand set another.
    batch_min: int = Field(default=96, ge=1)  # Outcomes worth a transaction of their own, under load.
    linger_s: float = Field(default=0.01, ge=0)  # How long to wait for that many.
    poll_s: float = Field(default=0.25, gt=0)  # How often to look for due messages when nothing wakes us.
    call_limit_s: float = Field(default=30.0, gt=0)  # A call that takes longer has an unknown outcome.
    drain_limit_s: float = Field(default=15.0, ge=0)  # How long a stop waits for calls in flight.
    recover_every_s: float = Field(default=5.0, gt=0)  # Messages of workers that ended.
    housekeep_every_s: float = Field(default=1.0, gt=0)  # Held messages, early receipts, purging.
    retry_max: int = Field(default=20, ge=1, le=100)  # Tries of a message that does not take effect.
    breaker_threshold: int = Field(default=20, ge=1)  # Failures in a row that stop an account's lane.
    breaker_cooldown_s: float = Field(default=10.0, gt=0)
