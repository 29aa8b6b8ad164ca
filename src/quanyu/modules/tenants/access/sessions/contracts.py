"""What crosses the boundary of the room of sessions."""

from datetime import datetime

from pydantic import BaseModel


class OwnSession(BaseModel):
    """One place where somebody is signed in."""

    id: str
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime | None
    expires_at: datetime
    is_current: bool  # The one that asks.


class OwnSessions(BaseModel):
    """Everywhere somebody is signed in, the latest use first."""

    items: tuple[OwnSession, ...]
