"""Staff live codes: what each should say, the platform's codes behind them, counts, borders, trail."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0029_live_codes"
down_revision = "0028_sidebar"
branch_labels = None
depends_on = None

_TABLES = (
    # A printed picture says its state alone: whose it is, is found by it.
    "CREATE UNIQUE INDEX live_code_state_number ON live_code_state (id)",
    # ``eligible``, ``users``, ``skip_verify``, ``tier`` and ``obstacles`` are what was decided last.
    """
    CREATE TABLE live_code (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        corp_id bigint NOT NULL,
        name text NOT NULL,
        status text NOT NULL CHECK (status IN ('live', 'paused', 'ended', 'deleted')),
        draft jsonb NOT NULL,
        is_exclusive boolean NOT NULL,
        redirect jsonb,
        state text NOT NULL,
        tier text NOT NULL CHECK (tier IN ('staff', 'backup', 'keeper', 'nobody')),
        eligible text[] NOT NULL DEFAULT '{}',
        users text[] NOT NULL DEFAULT '{}',
        skip_verify boolean NOT NULL DEFAULT true,
        obstacles jsonb NOT NULL DEFAULT '{}',
        credits jsonb NOT NULL DEFAULT '{}',
        next_border timestamptz,
        ends_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE INDEX live_code_corp ON live_code (tenant_id, corp_id, id DESC)",
    # Which codes a member stands in: whoever leaves or goes offline is found at once.
    """
    CREATE TABLE live_code_member (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        userid text NOT NULL,
        code_id bigint NOT NULL,
        PRIMARY KEY (tenant_id, corp_id, userid, code_id),
        FOREIGN KEY (tenant_id, code_id) REFERENCES live_code
    )
    """,
    "CREATE INDEX live_code_member_code ON live_code_member (tenant_id, code_id)",
    # The platform's codes. ``userid`` is empty for the code itself, else it is one member's own.
    """
    CREATE TABLE live_code_way (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        corp_id bigint NOT NULL,
        code_id bigint NOT NULL,
        userid text NOT NULL DEFAULT '',
        state text NOT NULL,
        is_exclusive boolean NOT NULL,
        phase text NOT NULL CHECK (phase IN ('planned', 'asked', 'live', 'removing', 'removed')),
        config_id text,
        qr_code text NOT NULL DEFAULT '',
        wanted_users text[] NOT NULL,
        wanted_skip_verify boolean NOT NULL,
        wanted_hash text NOT NULL,
        actual_users text[] NOT NULL DEFAULT '{}',
        actual_skip_verify boolean NOT NULL DEFAULT true,
        actual_hash text NOT NULL DEFAULT '',
        due_at timestamptz,
        attempts int NOT NULL DEFAULT 0,
        reason text NOT NULL DEFAULT '',
        claimed_until timestamptz,
        asked_at timestamptz,
        pushed_at timestamptz,
        checked_at timestamptz,
        used_at timestamptz NOT NULL,
        removed_at timestamptz,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, corp_id, config_id),
        FOREIGN KEY (tenant_id, code_id) REFERENCES live_code,
        CHECK ((phase = 'removed') = (removed_at IS NOT NULL)),
        CHECK (phase <> 'live' OR config_id IS NOT NULL)
    )
    """,
    "CREATE INDEX live_code_way_due ON live_code_way (tenant_id, due_at) WHERE due_at IS NOT NULL",
    # One at a time for each code and member: no crash or race makes a second one.
    """
    CREATE UNIQUE INDEX live_code_way_live ON live_code_way (tenant_id, code_id, userid)
        WHERE phase IN ('planned', 'asked', 'live')
    """,
    "CREATE INDEX live_code_way_made ON live_code_way (tenant_id, corp_id, created_at)",
    """
    CREATE INDEX live_code_way_unused ON live_code_way (tenant_id, used_at)
        WHERE userid <> '' AND phase = 'live'
    """,
    # Borders of schedules, ends of codes: a restart finds them here.
    """
    CREATE TABLE live_code_timer (
        tenant_id int NOT NULL,
        code_id bigint NOT NULL,
        due_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, code_id),
        FOREIGN KEY (tenant_id, code_id) REFERENCES live_code
    )
    """,
    "CREATE INDEX live_code_timer_due ON live_code_timer (tenant_id, due_at)",
    # A customer counts once for a member and a day; who was theirs on an earlier day is not new.
    """
    CREATE TABLE live_code_add (
        tenant_id int NOT NULL,
        code_id bigint NOT NULL,
        userid text NOT NULL,
        day date NOT NULL,
        customer_token bytea NOT NULL,
        is_returning boolean NOT NULL,
        added_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, code_id, userid, day, customer_token)
    )
    """,
    "CREATE INDEX live_code_add_customer ON live_code_add (tenant_id, customer_token, userid)",
    """
    CREATE TABLE live_code_day (
        tenant_id int NOT NULL,
        code_id bigint NOT NULL,
        day date NOT NULL,
        userid text NOT NULL,
        adds int NOT NULL,
        over_cap int NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, code_id, day, userid)
    )
    """,
    """
    CREATE TABLE live_code_audit (
        tenant_id int NOT NULL,
        code_id bigint NOT NULL,
        id bigint NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL DEFAULT '',
        what text NOT NULL,
        details jsonb NOT NULL DEFAULT '{}',
        PRIMARY KEY (tenant_id, code_id, id)
    )
    """,
    # Remarks and descriptions to be written at the platform.
    """
    CREATE TABLE live_code_note (
        tenant_id int NOT NULL,
        code_id bigint NOT NULL,
        corp_id bigint NOT NULL,
        userid text NOT NULL,
        customer_token bytea NOT NULL,
        attempts int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, code_id, userid, customer_token)
    )
    """,
    "CREATE INDEX live_code_note_due ON live_code_note (tenant_id, due_at)",
    # What the last look at all codes of a corp found.
    """
    CREATE TABLE live_code_sweep (
        tenant_id int NOT NULL,
        corp_id bigint NOT NULL,
        foreign_ways int NOT NULL DEFAULT 0,
        orphans int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL,
        swept_at timestamptz,
        PRIMARY KEY (tenant_id, corp_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in (
        "live_code",
        "live_code_member",
        "live_code_way",
        "live_code_timer",
        "live_code_add",
        "live_code_day",
        "live_code_audit",
        "live_code_note",
        "live_code_sweep",
    ):
        tenant_table(table)
