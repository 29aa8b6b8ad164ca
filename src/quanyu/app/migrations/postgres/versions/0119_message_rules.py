"""Rules about messages as data: caps of any span, spacing, exclusions, several quiet hours; a blocklist."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0119_message_rules"
down_revision = "0118_journey_migrations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _policy()
    _counters()
    op.execute(
        """
        CREATE TABLE message_block (
            tenant_id int NOT NULL,
            person_id int NOT NULL,
            scope text NOT NULL CHECK (scope IN ('marketing', 'everything')),
            note text NOT NULL,
            actor text NOT NULL,
            blocked_at timestamptz NOT NULL,
            ends_at timestamptz,
            PRIMARY KEY (tenant_id, person_id)
        )
        """
    )
    tenant_table("message_block")
    # Every decision about a message, the newest last: when, what, why, until when.
    op.execute("ALTER TABLE message_intent ADD COLUMN decisions jsonb NOT NULL DEFAULT '[]'")


def _policy() -> None:
    # The columns beside it are what the release before reads.
    op.execute("ALTER TABLE message_policy ADD COLUMN rules jsonb")
    op.execute(
        """
        UPDATE message_policy SET rules = jsonb_build_object(
            'quiet_hours', CASE WHEN quiet_start IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(
                jsonb_build_object('start', quiet_start, 'end', quiet_end, 'mode', quiet_mode,
                    'jitter_s', quiet_jitter_s)) END,
            'caps',
                CASE WHEN daily_cap IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(
                    jsonb_build_object('key', 'daily', 'limit', daily_cap, 'unit', 'days')) END
                || CASE WHEN weekly_cap IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(
                    jsonb_build_object('key', 'weekly', 'limit', weekly_cap, 'unit', 'weeks')) END,
            'duplicate_window_s', duplicate_window_s,
            'repeat_max', repeat_max
        )
        """
    )


def _counters() -> None:
    # taken: when each unit was taken, so that any span can be counted; holder: the campaign it is kept for.
    op.execute(
        """
        CREATE TABLE person_message_counter (
            tenant_id int NOT NULL,
            person_id int NOT NULL,
            name text NOT NULL,
            taken timestamptz[] NOT NULL,
            counted_after timestamptz NOT NULL,
            allowed int NOT NULL CHECK (allowed > 0),
            holder text,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, person_id, name)
        ) WITH (fillfactor = 80)
        """
    )
    tenant_table("person_message_counter")
    op.execute("CREATE INDEX person_message_counter_expiry ON person_message_counter (tenant_id, expires_at)")
    # What counted under the two caps of before goes on counting: a day's unit expired three days after it was
    # taken first, a week's nine days after.
    op.execute(
        """
        INSERT INTO person_message_counter
            (tenant_id, person_id, name, taken, counted_after, allowed, expires_at)
        SELECT tenant_id, person_id, name, array_agg(at ORDER BY at), '-infinity', max(allowed),
            max(expires_at)
        FROM (
            SELECT tenant_id, split_part(name, ':', 3)::int AS person_id,
                CASE split_part(name, ':', 1) WHEN 'day' THEN 'cap:daily' ELSE 'cap:weekly' END AS name,
                expires_at - CASE split_part(name, ':', 1) WHEN 'day' THEN interval '3 days'
                    ELSE interval '9 days' END AS at,
                allowed, expires_at
            FROM message_counter, generate_series(1, used)
            WHERE name ~ '^(day|week):[0-9-]+:[0-9]+$'
        ) units
        GROUP BY tenant_id, person_id, name
        """
    )
