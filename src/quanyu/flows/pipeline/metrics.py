"""The pipeline's counters and gauges."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

RESOLVED: Final = Counter("quanyu_events_resolved_total", "Events whose person was resolved")
STORED: Final = Counter("quanyu_events_stored_total", "Events put into the warehouse")
REACTED: Final = Counter("quanyu_events_reacted_total", "Events passed to a subscriber", ["subscriber"])
DEAD_LETTERS: Final = Counter("quanyu_dead_letters_total", "Events put aside", ["subscriber"])
STAGE_SECONDS: Final = Histogram("quanyu_pipeline_stage_seconds", "Seconds a batch takes", ["stage"])
HORIZON_AGE: Final = Gauge(
    "quanyu_log_horizon_age_seconds", "Age of the oldest row the log cannot pass yet", ["tenant"]
)
