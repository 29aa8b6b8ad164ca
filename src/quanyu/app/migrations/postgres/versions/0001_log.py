"""Brands, users and keys; the log, its keys, cursors, batches and dead letters."""

from alembic import op

from quanyu.app.migrations.support import system_table, tenant_table

revision = "0001_log"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _brands()
    _log()
    _pipeline()


def _brands() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO quanyu_app, quanyu_system")
    op.execute("ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO quanyu_app, quanyu_system")
    op.execute(
        """
        CREATE TABLE brand (
            tenant_id int PRIMARY KEY,
            key text NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9-]{1,30}$'),
            name text NOT NULL,
            time_zone text NOT NULL DEFAULT 'Asia/Shanghai',
            currency text NOT NULL DEFAULT 'CNY',
            is_demo boolean NOT NULL DEFAULT false,
            created_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE user_account (
            tenant_id int NOT NULL REFERENCES brand,
            id bigint NOT NULL,
            name text NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    # Codes and tokens are stored as digests only: reading these tables lets nobody in.
    op.execute(
        """
        CREATE TABLE login_code (
            tenant_id int NOT NULL,
            digest bytea NOT NULL,
            user_id bigint NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            PRIMARY KEY (tenant_id, digest),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account
        )
        """
    )
    op.execute(
        """
        CREATE TABLE login_session (
            tenant_id int NOT NULL,
            digest bytea NOT NULL,
            user_id bigint NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, digest),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account
        )
        """
    )
    op.execute(
        """
        CREATE TABLE write_key (
            tenant_id int NOT NULL REFERENCES brand,
            id bigint NOT NULL,
            digest bytea NOT NULL UNIQUE,
            name text NOT NULL,
            source text NOT NULL,
            hint text NOT NULL,
            created_at timestamptz NOT NULL,
            revoked_at timestamptz,
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    for table in ("brand", "user_account", "login_code", "login_session", "write_key"):
        tenant_table(table)


def _log() -> None:
    op.execute("CREATE SEQUENCE log_position_seq")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE log_position_seq TO quanyu_app, quanyu_system")
    op.execute(
        """
        CREATE TABLE log_event (
            tenant_id int NOT NULL,
            xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
            position bigint NOT NULL DEFAULT nextval('log_position_seq'),
            received_at timestamptz NOT NULL,
            occurred_at timestamptz NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            source text NOT NULL,
            message_id text NOT NULL,
            person_id int,
            tokens bytea NOT NULL,
            identifiers json,
            sealed bytea,
            properties json NOT NULL,
            context json NOT NULL,
            order_id text NOT NULL DEFAULT '',
            revenue numeric(18, 4),
            currency text NOT NULL DEFAULT '',
            quantity numeric(18, 4),
            items json,
            trace text NOT NULL DEFAULT ''
        ) PARTITION BY RANGE (received_at)
        """
    )
    op.execute("CREATE INDEX log_event_order ON log_event (tenant_id, xid, position)")
    op.execute("GRANT INSERT ON log_event TO quanyu_app")
    system_table("log_event")
    # The app role may add facts but not make tables, so the owner's function makes the day's partition.
    op.execute(
        """
        CREATE FUNCTION ensure_log_partition(day date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            partition text := 'log_event_' || to_char(day, 'YYYYMMDD');
        BEGIN
            IF to_regclass(partition) IS NULL THEN
                PERFORM pg_advisory_xact_lock(7105, (day - date '2000-01-01'));
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF log_event FOR VALUES FROM (%L) TO (%L)',
                    partition, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00'
                );
            END IF;
        EXCEPTION
            WHEN duplicate_table THEN NULL;  -- Whoever held the lock before us has made it.
        END
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION ensure_log_partition(date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION ensure_log_partition(date) TO quanyu_app, quanyu_system")
    op.execute(
        """
        CREATE TABLE event_key (
            tenant_id int NOT NULL,
            key uuid NOT NULL,
            body_hash uuid NOT NULL,
            PRIMARY KEY (tenant_id, key)
        ) PARTITION BY HASH (tenant_id, key)
        """
    )
    for part in range(8):
        op.execute(
            f"CREATE TABLE event_key_{part} PARTITION OF event_key "
            f"FOR VALUES WITH (MODULUS 8, REMAINDER {part})"
        )
    op.execute("GRANT SELECT, INSERT ON event_key TO quanyu_app")
    system_table("event_key")
    op.execute(
        """
        CREATE TABLE event_conflict (
            tenant_id int NOT NULL,
            key uuid NOT NULL,
            body_hash uuid NOT NULL,
            source text NOT NULL,
            message_id text NOT NULL,
            name text NOT NULL,
            seen_at timestamptz NOT NULL,
            times int NOT NULL DEFAULT 1,
            PRIMARY KEY (tenant_id, key, body_hash)
        )
        """
    )
    tenant_table("event_conflict")


def _pipeline() -> None:
    op.execute(
        """
        CREATE TABLE log_epoch (
            tenant_id int NOT NULL,
            epoch int NOT NULL,
            system_identifier bigint NOT NULL,
            started_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, epoch)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE log_cursor (
            tenant_id int NOT NULL,
            consumer text NOT NULL,
            epoch int NOT NULL DEFAULT 1,
            xid xid8 NOT NULL DEFAULT '0',
            position bigint NOT NULL DEFAULT 0,
            batch_id bigint NOT NULL DEFAULT 0,
            events bigint NOT NULL DEFAULT 0,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, consumer)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE log_batch (
            tenant_id int NOT NULL,
            batch_id bigint NOT NULL,
            epoch int NOT NULL,
            from_xid xid8 NOT NULL,
            from_position bigint NOT NULL,
            to_xid xid8 NOT NULL,
            to_position bigint NOT NULL,
            received_from timestamptz NOT NULL,
            received_to timestamptz NOT NULL,
            count int NOT NULL CHECK (count > 0),
            positions bigint[] NOT NULL,
            person_ids int[] NOT NULL,
            applied_at timestamptz NOT NULL,
            state text NOT NULL CHECK (state IN ('resolved', 'stored')),
            attempt int NOT NULL DEFAULT 0,
            PRIMARY KEY (tenant_id, batch_id)
        )
        """
    )
    op.execute("CREATE INDEX log_batch_open ON log_batch (tenant_id, batch_id) WHERE state <> 'stored'")
    op.execute(
        """
        CREATE TABLE dead_letter (
            tenant_id int NOT NULL,
            subscriber text NOT NULL,
            position bigint NOT NULL,
            batch_id bigint NOT NULL,
            error text NOT NULL,
            failed_at timestamptz NOT NULL,
            replayed_at timestamptz,
            PRIMARY KEY (tenant_id, subscriber, position)
        )
        """
    )
    for table in ("log_epoch", "log_cursor", "log_batch", "dead_letter"):
        system_table(table)
