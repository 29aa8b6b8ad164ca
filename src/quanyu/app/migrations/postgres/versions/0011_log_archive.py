"""The log's archive: days written as Parquet and dropped; a day that has no partition stops nobody."""

from alembic import op

revision = "0011_log_archive"
down_revision = "0010_channel_replies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _partitions()
    _archive()


def _partitions() -> None:
    # What comes on a day without a partition is kept here, and archived from here.
    op.execute("CREATE TABLE log_event_default PARTITION OF log_event DEFAULT")
    op.execute("GRANT SELECT ON log_event_default TO quanyu_system")
    # Attaching lets others go on reading and writing meanwhile, unlike making the table as a partition. The
    # waits are short: who accepts an event has the default partition when this cannot be done now.
    op.execute("DROP FUNCTION ensure_log_partition(date)")
    op.execute(
        """
        CREATE FUNCTION ensure_log_partition(day date) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
        DECLARE
            partition text := 'log_event_' || to_char(day, 'YYYYMMDD');
        BEGIN
            IF to_regclass(partition) IS NULL THEN
                PERFORM pg_advisory_xact_lock(7105, (day - date '2000-01-01'));
                IF to_regclass(partition) IS NULL THEN
                    EXECUTE format('CREATE TABLE %I (LIKE log_event INCLUDING DEFAULTS)', partition);
                    EXECUTE format(
                        'ALTER TABLE log_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                        partition, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00'
                    );
                END IF;
            END IF;
            RETURN true;
        EXCEPTION
            WHEN duplicate_table THEN RETURN true;  -- Whoever held the lock before us has made it.
            WHEN lock_not_available THEN RETURN false;  -- Somebody reads all of the log: a backup.
            WHEN check_violation THEN RETURN false;  -- The default partition holds events of this day.
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION ensure_log_partition(date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION ensure_log_partition(date) TO quanyu_app, quanyu_system")


def _archive() -> None:
    # Which batch an event belongs to, from its place in the log.
    op.execute("CREATE INDEX log_batch_end ON log_batch (tenant_id, to_xid, to_position)")
    op.execute(
        """
        CREATE TABLE log_archive (
            tenant_id int NOT NULL,
            day date NOT NULL,
            part int NOT NULL CHECK (part > 0),
            file text NOT NULL UNIQUE,
            events int NOT NULL CHECK (events > 0),
            bytes bigint NOT NULL,
            sha256 bytea NOT NULL CHECK (length(sha256) = 32),
            from_xid xid8 NOT NULL,
            from_position bigint NOT NULL,
            to_xid xid8 NOT NULL,
            to_position bigint NOT NULL,
            from_batch bigint NOT NULL,
            to_batch bigint NOT NULL,
            written_at timestamptz NOT NULL,
            dropped_at timestamptz,
            PRIMARY KEY (tenant_id, day, part)
        )
        """
    )
    op.execute("CREATE INDEX log_archive_batches ON log_archive (tenant_id, to_batch)")
    op.execute("CREATE INDEX log_archive_open ON log_archive (day) WHERE dropped_at IS NULL")
    op.execute("ALTER TABLE log_archive ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant_isolation ON log_archive TO quanyu_app "
        "USING (tenant_id = nullif(current_setting('quanyu.tenant', true), '')::int)"
    )
    # The console shows it; only the platform itself writes what must be true.
    op.execute("GRANT SELECT ON log_archive TO quanyu_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON log_archive TO quanyu_system")
    # The last word is here: whatever its caller believes, no event goes that the archive does not hold.
    op.execute(
        """
        CREATE FUNCTION drop_log_partition(archived_day date, dropped timestamptz) RETURNS text
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '300ms' AS $$
        DECLARE
            partition text := 'log_event_' || to_char(archived_day, 'YYYYMMDD');
            is_left boolean;
        BEGIN
            IF NOT pg_try_advisory_xact_lock(7106, 0) THEN
                RETURN 'busy';  -- A backup is being made.
            END IF;
            -- The parent first, as everybody else does, so that nobody waits in a circle.
            LOCK TABLE ONLY log_event IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', partition);
            EXECUTE format(
                $q$
                WITH RECURSIVE brands AS (
                    (SELECT tenant_id FROM %1$I ORDER BY tenant_id LIMIT 1)
                    UNION ALL
                    SELECT (SELECT l.tenant_id FROM %1$I l WHERE l.tenant_id > b.tenant_id
                            ORDER BY l.tenant_id LIMIT 1)
                    FROM brands b WHERE b.tenant_id IS NOT NULL
                )
                SELECT EXISTS (
                    SELECT FROM brands b
                    LEFT JOIN LATERAL (
                        SELECT a.to_xid, a.to_position FROM log_archive a
                        WHERE a.tenant_id = b.tenant_id AND a.day = %2$L ORDER BY a.part DESC LIMIT 1
                    ) a ON true
                    JOIN LATERAL (
                        SELECT l.xid, l.position FROM %1$I l WHERE l.tenant_id = b.tenant_id
                        ORDER BY l.xid DESC, l.position DESC LIMIT 1
                    ) last ON true
                    WHERE a.to_xid IS NULL OR (last.xid, last.position) > (a.to_xid, a.to_position)
                )
                $q$, partition, archived_day
            ) INTO is_left;
            IF is_left THEN
                RETURN 'unarchived';
            END IF;
            EXECUTE format('DROP TABLE %I', partition);
            UPDATE log_archive SET dropped_at = dropped WHERE day = archived_day AND dropped_at IS NULL;
            RETURN 'dropped';
        EXCEPTION
            WHEN lock_not_available THEN RETURN 'busy';  -- Nobody is kept waiting for this.
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION drop_log_partition(date, timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION drop_log_partition(date, timestamptz) TO quanyu_system")
