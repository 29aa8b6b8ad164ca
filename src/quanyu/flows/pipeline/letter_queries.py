"""Every statement of dead letters."""

from typing import Final

from quanyu.flows.pipeline.react import EVENT_COLUMNS, RANGE

BATCH_OF: Final = """
SELECT batch_id FROM dead_letter
WHERE tenant_id = %(tenant)s AND subscriber = %(subscriber)s AND position = %(position)s
"""
EVENT: Final = f"""
SELECT {EVENT_COLUMNS} {RANGE}
JOIN dead_letter d ON d.tenant_id = b.tenant_id AND d.batch_id = b.batch_id AND d.position = l.position
JOIN unnest(b.positions, b.person_ids) AS p (position, person_id) ON p.position = l.position
WHERE d.tenant_id = %(tenant)s AND d.subscriber = %(subscriber)s AND d.position = %(position)s
"""
LIST: Final = f"""
SELECT d.batch_id, d.subscriber, d.position, coalesce(e.name, '') AS event_name, e.occurred_at, e.person_id,
    d.error, d.failed_at, d.replayed_at, d.discarded_at, d.discard_reason
FROM (
    SELECT * FROM dead_letter
    WHERE tenant_id = :tenant
        AND CASE :state WHEN 'replayed' THEN replayed_at IS NOT NULL
            WHEN 'discarded' THEN discarded_at IS NOT NULL
            ELSE replayed_at IS NULL AND discarded_at IS NULL END
        AND (subscriber = :subscriber OR CAST(:subscriber AS text) IS NULL)
        AND (error = :error OR CAST(:error AS text) IS NULL)
        AND (position, subscriber) > (:after_position, :after_subscriber)
    ORDER BY position, subscriber LIMIT :limit
) d
LEFT JOIN LATERAL (
    SELECT l.name, l.occurred_at, b.person_ids[array_position(b.positions, l.position)] AS person_id
    {RANGE} WHERE b.tenant_id = d.tenant_id AND b.batch_id = d.batch_id AND l.position = d.position
) e ON true
ORDER BY d.position, d.subscriber
"""  # noqa: S608 - put together from constants only.
_CHOSEN: Final = """
WHERE tenant_id = :tenant AND replayed_at IS NULL AND discarded_at IS NULL
    AND (subscriber = :subscriber OR CAST(:subscriber AS text) IS NULL)
    AND (error = :error OR CAST(:error AS text) IS NULL)
    AND (position = :position OR CAST(:position AS bigint) IS NULL)
"""
WAITING: Final = f"""
SELECT subscriber, position FROM dead_letter {_CHOSEN} ORDER BY failed_at, position, subscriber LIMIT :limit
"""  # noqa: S608 - put together from constants only.
COUNT: Final = f"SELECT count(*) FROM dead_letter {_CHOSEN}"  # noqa: S608
DISCARD: Final = f"UPDATE dead_letter SET discarded_at = :now, discard_reason = :reason {_CHOSEN}"  # noqa: S608
MARK: Final = """
UPDATE dead_letter SET replayed_at = :now WHERE tenant_id = :tenant AND subscriber = :subscriber
    AND position = :position AND replayed_at IS NULL AND discarded_at IS NULL
"""
SUMMARY: Final = """
SELECT subscriber, error, count(*) AS letters, min(failed_at) AS first_at, max(failed_at) AS last_at
FROM dead_letter WHERE tenant_id = :tenant AND replayed_at IS NULL AND discarded_at IS NULL
GROUP BY subscriber, error ORDER BY letters DESC, subscriber, error LIMIT 200
"""
NOTE_DEED: Final = """
INSERT INTO dead_letter_deed (tenant_id, at, who, deed, subscriber, error, position, reason, done, failed)
VALUES (:tenant, :now, :who, :deed, :subscriber, :error, :position, :reason, :done, :failed)
"""
DEEDS: Final = """
SELECT at, who, deed, subscriber, error, position, reason, done, failed FROM dead_letter_deed
WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :limit
"""
