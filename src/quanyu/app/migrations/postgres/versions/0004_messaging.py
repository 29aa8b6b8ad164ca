"""Messages: intents, attempts, send windows, counters, policy, opt-outs, templates, lanes, early receipts."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0004_messaging"
down_revision = "0003_channels"
branch_labels = None
depends_on = None

_STATES = "'planned','refused','reserved','handed','accepted','rejected','unknown','delivered','failed'"
# Every move a message can make; anything else is a defect and is stopped here.
_MOVES = (
    "planned>reserved",
    "planned>refused",
    "reserved>handed",
    "reserved>planned",  # Late into quiet hours: held again.
    "reserved>refused",
    "reserved>rejected",  # Given up after trying.
    "handed>reserved",  # Did not take effect; tried again later.
    "handed>accepted",
    "handed>rejected",
    "handed>unknown",
    "unknown>handed",  # Repeated.
    "unknown>accepted",  # The answer came after all.
    "unknown>rejected",
    "accepted>delivered",
    "accepted>failed",
)


def upgrade() -> None:
    _intents()
    _ledgers()
    _settings()


def _intents() -> None:
    op.execute(
        f"""
        CREATE TABLE message_intent (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            origin_key text NOT NULL,
            source_hash bytea NOT NULL,
            person_id int NOT NULL,
            account_id bigint NOT NULL,
            channel text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('customer_service_text', 'template')),
            class text NOT NULL CHECK (class IN ('marketing', 'transactional')),
            state text NOT NULL CHECK (state IN ({_STATES})),
            reason text,
            detail text,
            code int,
            template_id text,
            recipient bytea,
            sealed bytea,
            body_hash bytea,
            journey_id bigint,
            node_id text,
            planned_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            wake_at timestamptz,
            expires_at timestamptz NOT NULL,
            window_kind text,
            window_opened_at timestamptz,
            holds text[] NOT NULL DEFAULT '{{}}',
            attempts int NOT NULL DEFAULT 0,
            worker_id bigint,
            first_handed_at timestamptz,
            handed_at timestamptz,
            msgid text,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT message_intent_origin UNIQUE (tenant_id, origin_key),
            CONSTRAINT message_intent_has_reason
                CHECK (state NOT IN ('refused', 'rejected', 'unknown', 'failed') OR reason IS NOT NULL),
            CONSTRAINT message_intent_has_body
                CHECK (state IN ('refused') OR (sealed IS NOT NULL AND body_hash IS NOT NULL)),
            CONSTRAINT message_intent_was_handed
                CHECK (state NOT IN ('handed', 'accepted', 'unknown', 'delivered', 'failed')
                    OR (handed_at IS NOT NULL AND worker_id IS NOT NULL AND attempts > 0)),
            CONSTRAINT message_intent_open_has_wake
                CHECK (state NOT IN ('planned', 'reserved', 'handed') OR wake_at IS NOT NULL),
            CONSTRAINT message_intent_closed_sleeps
                CHECK (state NOT IN ('refused', 'accepted', 'rejected', 'delivered', 'failed')
                    OR wake_at IS NULL)
        ) WITH (fillfactor = 70)
        """
    )
    # ``wake_at`` is null once nothing more is to be done, so this index holds open messages only.
    op.execute(
        "CREATE INDEX message_intent_open ON message_intent (tenant_id, account_id, state, wake_at) "
        "WHERE wake_at IS NOT NULL"
    )
    op.execute("CREATE INDEX message_intent_person ON message_intent (tenant_id, person_id, id)")
    op.execute(
        "CREATE INDEX message_intent_journey ON message_intent (tenant_id, journey_id, id) "
        "WHERE journey_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX message_intent_msgid ON message_intent (tenant_id, account_id, msgid) "
        "WHERE msgid IS NOT NULL"
    )
    op.execute(
        """
        CREATE FUNCTION refuse_message_move() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'message % cannot move from % to %', OLD.id, OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END
        $$
        """
    )
    moves = ",".join(f"'{move}'" for move in _MOVES)
    op.execute(
        f"""
        CREATE TRIGGER message_intent_moves BEFORE UPDATE OF state ON message_intent FOR EACH ROW
        WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state <> ALL (ARRAY[{moves}]))
        EXECUTE FUNCTION refuse_message_move()
        """
    )
    op.execute(
        """
        CREATE TABLE message_attempt (
            tenant_id int NOT NULL,
            intent_id bigint NOT NULL,
            attempt int NOT NULL,
            worker_id bigint NOT NULL,
            handed_at timestamptz NOT NULL,
            ended_at timestamptz NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'retry', 'unknown')),
            code int,
            PRIMARY KEY (tenant_id, intent_id, attempt)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE message_receipt (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            msgid text NOT NULL,
            status text NOT NULL,
            occurred_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, msgid)
        )
        """
    )
    for table in ("message_intent", "message_attempt", "message_receipt"):
        tenant_table(table)


def _ledgers() -> None:
    op.execute(
        """
        CREATE TABLE message_window (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            recipient bytea NOT NULL,
            kind text NOT NULL CHECK (kind IN ('message', 'menu_click', 'follow', 'scan')),
            opened_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            granted int NOT NULL CHECK (granted > 0),
            used int NOT NULL CHECK (used BETWEEN 0 AND granted),
            PRIMARY KEY (tenant_id, account_id, recipient, kind)
        ) WITH (fillfactor = 80)
        """
    )
    op.execute("CREATE INDEX message_window_expiry ON message_window (tenant_id, expires_at)")
    op.execute(
        """
        CREATE TABLE message_counter (
            tenant_id int NOT NULL,
            name text NOT NULL,
            used int NOT NULL CHECK (used >= 0),
            allowed int NOT NULL CHECK (allowed > 0),
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, name)
        ) WITH (fillfactor = 80)
        """
    )
    for table in ("message_window", "message_counter"):
        tenant_table(table)


def _settings() -> None:
    op.execute(
        """
        CREATE TABLE message_policy (
            tenant_id int PRIMARY KEY,
            quiet_start time,
            quiet_end time,
            quiet_mode text NOT NULL DEFAULT 'hold' CHECK (quiet_mode IN ('hold', 'drop')),
            quiet_jitter_s int NOT NULL DEFAULT 900,
            daily_cap int CHECK (daily_cap > 0),
            weekly_cap int CHECK (weekly_cap > 0),
            duplicate_window_s int NOT NULL,
            repeat_max int NOT NULL,
            updated_at timestamptz NOT NULL,
            CHECK ((quiet_start IS NULL) = (quiet_end IS NULL))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE message_optout (
            tenant_id int NOT NULL,
            person_id int NOT NULL,
            scope text NOT NULL CHECK (scope IN ('marketing', 'all')),
            since timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, person_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE message_template (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            template_id text NOT NULL,
            title text NOT NULL,
            fields text[] NOT NULL,
            withdrawn_at timestamptz,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id, template_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE message_lane (
            tenant_id int NOT NULL,
            account_id bigint NOT NULL,
            paused_at timestamptz,
            rate_per_s double precision CHECK (rate_per_s > 0),
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, account_id)
        )
        """
    )
    for table in ("message_policy", "message_optout", "message_template", "message_lane"):
        tenant_table(table)
