"""Payments: merchants, payments and attempts, refunds, notifications, the ledger, bills and differences."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0020_payments"
down_revision = "0019_mini_programs"
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE pay_merchant (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        mch_id text NOT NULL,
        name text NOT NULL,
        base_url text NOT NULL,
        notify_key text NOT NULL UNIQUE,
        serial_no text NOT NULL,
        public_key_id text NOT NULL DEFAULT '',
        public_key text NOT NULL DEFAULT '',
        private_key_sealed bytea NOT NULL,
        api_v3_key_sealed bytea NOT NULL,
        last_notice_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, mch_id)
    )
    """,
    """
    CREATE TABLE pay_certificate (
        tenant_id int NOT NULL,
        merchant_id bigint NOT NULL,
        serial text NOT NULL,
        pem text NOT NULL,
        effective_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, merchant_id, serial),
        FOREIGN KEY (tenant_id, merchant_id) REFERENCES pay_merchant
    )
    """,
    """
    CREATE TABLE payment (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        merchant_id bigint NOT NULL,
        payment_key text NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor > 0),
        currency text NOT NULL,
        description text NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'paid', 'closed')),
        expires_at timestamptz NOT NULL,
        close_asked_at timestamptz,
        paid_at timestamptz,
        closed_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, payment_key),
        CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
        FOREIGN KEY (tenant_id, merchant_id) REFERENCES pay_merchant
    )
    """,
    # Payments nobody has started to pay expire without any attempt that is looked at.
    "CREATE INDEX payment_open ON payment (tenant_id, expires_at) WHERE state = 'open'",
    """
    CREATE TABLE payment_attempt (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        payment_id bigint NOT NULL,
        merchant_id bigint NOT NULL,
        out_trade_no text NOT NULL,
        kind text NOT NULL,
        app_id text NOT NULL,
        payer_sealed bytea NOT NULL,
        state text NOT NULL
            CHECK (state IN ('planned', 'open', 'closing', 'closed', 'refused', 'paid', 'surplus')),
        reason text NOT NULL DEFAULT '',
        transaction_id text NOT NULL DEFAULT '',
        paid_at timestamptz,
        paid_minor bigint NOT NULL DEFAULT 0,
        refunding_minor bigint NOT NULL DEFAULT 0,
        refunded_minor bigint NOT NULL DEFAULT 0,
        check_at timestamptz,
        looks int NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, out_trade_no),
        CHECK ((state IN ('paid', 'surplus')) = (paid_minor > 0)),
        CHECK (refunded_minor >= 0 AND refunded_minor <= refunding_minor),
        CHECK (refunding_minor <= paid_minor),
        FOREIGN KEY (tenant_id, payment_id) REFERENCES payment
    )
    """,
    # One order at a time can be started; those being closed may still be around.
    """
    CREATE UNIQUE INDEX payment_attempt_live ON payment_attempt (tenant_id, payment_id)
        WHERE state IN ('planned', 'open')
    """,
    """
    CREATE UNIQUE INDEX payment_attempt_paid ON payment_attempt (tenant_id, payment_id)
        WHERE state = 'paid'
    """,
    "CREATE INDEX payment_attempt_payment ON payment_attempt (tenant_id, payment_id)",
    "CREATE INDEX payment_attempt_due ON payment_attempt (tenant_id, check_at) WHERE check_at IS NOT NULL",
    """
    CREATE TABLE payment_refund (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        payment_id bigint NOT NULL,
        attempt_id bigint NOT NULL,
        merchant_id bigint NOT NULL,
        refund_key text NOT NULL,
        out_refund_no text NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor > 0),
        reason text NOT NULL,
        cause text NOT NULL CHECK (cause IN ('asked', 'late', 'surplus')),
        state text NOT NULL
            CHECK (state IN ('planned', 'processing', 'succeeded', 'abnormal', 'closed', 'refused')),
        note text NOT NULL DEFAULT '',
        refund_id text NOT NULL DEFAULT '',
        due_at timestamptz NOT NULL,
        check_at timestamptz,
        looks int NOT NULL DEFAULT 0,
        succeeded_at timestamptz,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, refund_key),
        UNIQUE (tenant_id, out_refund_no),
        FOREIGN KEY (tenant_id, attempt_id) REFERENCES payment_attempt
    )
    """,
    "CREATE INDEX payment_refund_attempt ON payment_refund (tenant_id, attempt_id)",
    "CREATE INDEX payment_refund_payment ON payment_refund (tenant_id, payment_id)",
    "CREATE INDEX payment_refund_due ON payment_refund (tenant_id, check_at) WHERE check_at IS NOT NULL",
    # The ledger: a line for each payment and refund that happened, never changed.
    """
    CREATE TABLE payment_entry (
        tenant_id int NOT NULL,
        merchant_id bigint NOT NULL,
        kind text NOT NULL CHECK (kind IN ('payment', 'refund')),
        number text NOT NULL,
        own_number text NOT NULL,
        amount_minor bigint NOT NULL,
        attempt_id bigint NOT NULL,
        refund_id bigint,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, merchant_id, kind, number),
        CHECK ((kind = 'payment') = (amount_minor > 0))
    )
    """,
    "CREATE INDEX payment_entry_time ON payment_entry (tenant_id, merchant_id, occurred_at)",
    """
    CREATE TABLE payment_notice (
        tenant_id int NOT NULL,
        merchant_id bigint NOT NULL,
        notice_id text NOT NULL,
        event_type text NOT NULL,
        outcome text NOT NULL,
        content_sealed bytea NOT NULL,
        received_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, merchant_id, notice_id)
    )
    """,
    """
    CREATE TABLE payment_bill (
        tenant_id int NOT NULL,
        merchant_id bigint NOT NULL,
        kind text NOT NULL CHECK (kind IN ('trade', 'fund_flow')),
        day date NOT NULL,
        state text NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
        note text NOT NULL DEFAULT '',
        lines int NOT NULL DEFAULT 0,
        income_minor bigint NOT NULL DEFAULT 0,
        spent_minor bigint NOT NULL DEFAULT 0,
        check_at timestamptz,
        looks int NOT NULL DEFAULT 0,
        compared_at timestamptz,
        PRIMARY KEY (tenant_id, merchant_id, kind, day),
        FOREIGN KEY (tenant_id, merchant_id) REFERENCES pay_merchant
    )
    """,
    "CREATE INDEX payment_bill_due ON payment_bill (tenant_id, check_at) WHERE check_at IS NOT NULL",
    """
    CREATE TABLE payment_bill_line (
        tenant_id int NOT NULL,
        merchant_id bigint NOT NULL,
        kind text NOT NULL,
        day date NOT NULL,
        line int NOT NULL,
        entry text NOT NULL CHECK (entry IN ('payment', 'refund', 'other')),
        number text NOT NULL,
        own_number text NOT NULL,
        amount_minor bigint NOT NULL,
        occurred_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, merchant_id, kind, day, line)
    )
    """,
    """
    CREATE INDEX payment_bill_line_number
        ON payment_bill_line (tenant_id, merchant_id, kind, entry, number)
    """,
    """
    CREATE TABLE payment_difference (
        tenant_id int NOT NULL,
        id bigint NOT NULL,
        merchant_id bigint NOT NULL,
        bill text NOT NULL,
        day date NOT NULL,
        kind text NOT NULL,
        entry text NOT NULL,
        number text NOT NULL,
        own_number text NOT NULL,
        ours_minor bigint,
        bill_minor bigint,
        state text NOT NULL CHECK (state IN ('open', 'gone', 'resolved')),
        note text NOT NULL DEFAULT '',
        found_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, merchant_id, bill, entry, number)
    )
    """,
    "CREATE INDEX payment_difference_state ON payment_difference (tenant_id, state, id)",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in (
        "pay_merchant",
        "pay_certificate",
        "payment",
        "payment_attempt",
        "payment_refund",
        "payment_entry",
        "payment_notice",
        "payment_bill",
        "payment_bill_line",
        "payment_difference",
    ):
        tenant_table(table)
