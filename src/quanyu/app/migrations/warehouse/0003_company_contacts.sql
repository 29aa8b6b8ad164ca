-- Who is a contact of which company now, with what the company says and the segments it is in; one row per
-- change, read with FINAL. digest: of the three, so that what has not changed is not written again.
CREATE TABLE IF NOT EXISTS {{database}}.company_contact
(
    tenant_id UInt32,
    company UInt64,
    person UInt32,
    roles Array(String),
    says JSON(max_dynamic_paths = 256),
    segments Array(UInt64),
    digest UInt64,
    version UInt64,
    deleted UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, company, person)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
