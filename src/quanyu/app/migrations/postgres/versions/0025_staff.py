"""Staff: departments, members, customers of each member, and the alerts when one is lost."""

from alembic import op

from quanyu.app.migrations.support import tenant_table

revision = "0025_staff"
down_revision = "0024_wecom_corps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _directory()
    _contacts()
    _relations()
    _alerts()
    _syncs()
    for table in (
        "staff_department",
        "staff_member",
        "external_contact",
        "staff_customer",
        "staff_alert_rules",
        "staff_alert",
        "staff_notice",
    ):
        tenant_table(table)


def _directory() -> None:
    op.execute(
        """
        CREATE TABLE staff_department (
            tenant_id int NOT NULL,
            corp_id bigint NOT NULL,
            department_id bigint NOT NULL,
            name text NOT NULL DEFAULT '',
            parent_id bigint NOT NULL DEFAULT 0,
            place bigint NOT NULL DEFAULT 0,
            leaders text[] NOT NULL DEFAULT '{}',
            sync_id bigint,
            changed_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, corp_id, department_id),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    # status is the platform's: 1 active, 2 disabled, 4 not activated, 5 left; 0 while nobody was asked.
    op.execute(
        """
        CREATE TABLE staff_member (
            tenant_id int NOT NULL,
            corp_id bigint NOT NULL,
            userid text NOT NULL,
            id bigint NOT NULL,
            name text NOT NULL DEFAULT '',
            avatar text NOT NULL DEFAULT '',
            position text NOT NULL DEFAULT '',
            departments bigint[] NOT NULL DEFAULT '{}',
            leads bigint[] NOT NULL DEFAULT '{}',
            status smallint NOT NULL DEFAULT 0,
            can_serve boolean NOT NULL DEFAULT false,
            is_online boolean NOT NULL DEFAULT true,
            store text,
            joined_at timestamptz,
            left_at timestamptz,
            details_due_at timestamptz,
            details_attempts int NOT NULL DEFAULT 0,
            sync_id bigint,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, corp_id, userid),
            UNIQUE (tenant_id, id),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    op.execute(
        "CREATE INDEX staff_member_due ON staff_member (tenant_id, details_due_at) "
        "WHERE details_due_at IS NOT NULL"
    )


def _contacts() -> None:
    # sealed holds the external user id; who saw it writes it, which may be before or after the rest.
    op.execute(
        """
        CREATE TABLE external_contact (
            tenant_id int NOT NULL,
            corp_id bigint NOT NULL,
            token bytea NOT NULL,
            sealed bytea,
            person_id int,
            name_sealed bytea,
            avatar text NOT NULL DEFAULT '',
            type smallint NOT NULL DEFAULT 0,
            gender smallint NOT NULL DEFAULT 0,
            corp_name text NOT NULL DEFAULT '',
            unionid_sealed bytea,
            first_added_at timestamptz,
            details_due_at timestamptz,
            details_attempts int NOT NULL DEFAULT 0,
            details_fetched_at timestamptz,
            details_digest bytea,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, corp_id, token),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX external_contact_person ON external_contact (tenant_id, person_id)")
    op.execute(
        "CREATE INDEX external_contact_due ON external_contact (tenant_id, details_due_at) "
        "WHERE details_due_at IS NOT NULL"
    )


def _relations() -> None:
    # The instants are what was told, each the latest of its kind; status and ended_at follow from them.
    op.execute(
        """
        CREATE TABLE staff_customer (
            tenant_id int NOT NULL,
            corp_id bigint NOT NULL,
            member_userid text NOT NULL,
            customer_token bytea NOT NULL,
            person_id int,
            half_at timestamptz,
            added_at timestamptz,
            deleted_by_staff_at timestamptz,
            is_transfer boolean NOT NULL DEFAULT false,
            deleted_by_customer_at timestamptz,
            confirmed_at timestamptz,
            denied_at timestamptz,
            announced_at timestamptz,
            status text NOT NULL CHECK
                (status IN ('half', 'active', 'deleted_by_staff', 'deleted_by_customer', 'transferred')),
            ended_at timestamptz,
            add_way int NOT NULL DEFAULT 0,
            state text NOT NULL DEFAULT '',
            brought_by text NOT NULL DEFAULT '',
            remark_sealed bytea,
            sync_id bigint,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, corp_id, member_userid, customer_token),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX staff_customer_token ON staff_customer (tenant_id, corp_id, customer_token)")
    op.execute("CREATE INDEX staff_customer_person ON staff_customer (tenant_id, person_id)")
    op.execute("CREATE INDEX staff_customer_added ON staff_customer (tenant_id, added_at DESC)")
    op.execute(
        "CREATE INDEX staff_customer_ended ON staff_customer (tenant_id, corp_id, ended_at) "
        "WHERE ended_at IS NOT NULL"
    )


def _alerts() -> None:
    op.execute(
        """
        CREATE TABLE staff_alert_rules (
            tenant_id int NOT NULL,
            corp_id bigint NOT NULL,
            rules jsonb NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, corp_id),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    # key is what the alert is about: telling it twice adds no second one.
    op.execute(
        """
        CREATE TABLE staff_alert (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            kind text NOT NULL CHECK
                (kind IN ('lost_by_customer', 'lost_by_staff', 'many_deletions', 'deleted_before_leaving')),
            key text NOT NULL,
            member_userid text NOT NULL,
            customer_token bytea,
            person_id int,
            count int NOT NULL DEFAULT 1,
            happened_at timestamptz NOT NULL,
            state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'handled')),
            handled_by text NOT NULL DEFAULT '',
            handled_at timestamptz,
            note text NOT NULL DEFAULT '',
            told_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, corp_id, kind, key),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX staff_alert_open ON staff_alert (tenant_id, state, id DESC)")
    op.execute("CREATE INDEX staff_alert_untold ON staff_alert (tenant_id, corp_id) WHERE told_at IS NULL")
    # The outbox of messages to members. A content names customers, so it is sealed.
    op.execute(
        """
        CREATE TABLE staff_notice (
            tenant_id int NOT NULL,
            id bigint NOT NULL,
            corp_id bigint NOT NULL,
            receivers text[] NOT NULL,
            content_sealed bytea NOT NULL,
            state text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
            reason text NOT NULL DEFAULT '',
            attempts int NOT NULL DEFAULT 0,
            first_tried_at timestamptz,
            due_at timestamptz NOT NULL,
            sent_at timestamptz,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, corp_id) REFERENCES official_account
        )
        """
    )
    op.execute("CREATE INDEX staff_notice_due ON staff_notice (tenant_id, due_at) WHERE state = 'waiting'")


def _syncs() -> None:
    # What a sync brings over is known to whoever runs it.
    op.execute("ALTER TABLE account_sync DROP CONSTRAINT account_sync_kind_check")
    op.execute("ALTER TABLE account_sync ADD COLUMN by_hand boolean NOT NULL DEFAULT true")
