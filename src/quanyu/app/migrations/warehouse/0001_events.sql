-- The history of events, the canonical ids of people, their profiles and their memberships.

-- One row per event. `person` is the id of the first resolution, 0 for nobody; it is never rewritten, questions map
-- it through the dictionary person_canonical. `context_json` and `items_json` are not stored: they are taken apart
-- while inserting, so that rows come straight from PostgreSQL's COPY. Amounts in them are strings: no float on the way.
CREATE TABLE IF NOT EXISTS {{database}}.events
(
    tenant_id UInt32,
    name LowCardinality(String),
    person UInt32,
    occurred_at DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    applied_at DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    source LowCardinality(String),
    message_id String,
    position UInt64,
    batch_id UInt64,
    order_id String,
    revenue Nullable(Decimal(18, 4)),
    currency LowCardinality(String),
    quantity Nullable(Decimal(18, 4)),

    context_json String EPHEMERAL '{}',
    context_parts Tuple(
        channel String, app String, scene String, source_code String, campaign String, content String,
        staff String, store String, group_id String, session String, device String
    ) EPHEMERAL JSONExtract(
        context_json,
        'Tuple(channel String, app String, scene String, source_code String, campaign String, content String, staff String, store String, group_id String, session String, device String)'
    ),
    channel LowCardinality(String) DEFAULT tupleElement(context_parts, 'channel'),
    app LowCardinality(String) DEFAULT tupleElement(context_parts, 'app'),
    scene LowCardinality(String) DEFAULT tupleElement(context_parts, 'scene'),
    source_code LowCardinality(String) DEFAULT tupleElement(context_parts, 'source_code'),
    campaign LowCardinality(String) DEFAULT tupleElement(context_parts, 'campaign'),
    content LowCardinality(String) DEFAULT tupleElement(context_parts, 'content'),
    staff LowCardinality(String) DEFAULT tupleElement(context_parts, 'staff'),
    store LowCardinality(String) DEFAULT tupleElement(context_parts, 'store'),
    group_id String DEFAULT tupleElement(context_parts, 'group_id'),
    session String DEFAULT tupleElement(context_parts, 'session'),
    device String DEFAULT tupleElement(context_parts, 'device'),

    properties JSON(max_dynamic_paths = 256),

    items_json String EPHEMERAL '[]',
    items_parts Array(Tuple(
        product_id String, sku String, name String, category String, brand String, variant String, coupon String,
        price Decimal(18, 4), quantity Decimal(18, 4), occurred_at Nullable(String)
    )) EPHEMERAL JSONExtract(
        items_json,
        'Array(Tuple(product_id String, sku String, name String, category String, brand String, variant String, coupon String, price Decimal(18, 4), quantity Decimal(18, 4), occurred_at Nullable(String)))'
    ),
    `items.product_id` Array(String) DEFAULT tupleElement(items_parts, 'product_id'),
    `items.sku` Array(String) DEFAULT tupleElement(items_parts, 'sku'),
    `items.name` Array(String) DEFAULT tupleElement(items_parts, 'name'),
    `items.category` Array(String) DEFAULT tupleElement(items_parts, 'category'),
    `items.brand` Array(String) DEFAULT tupleElement(items_parts, 'brand'),
    `items.variant` Array(String) DEFAULT tupleElement(items_parts, 'variant'),
    `items.coupon` Array(String) DEFAULT tupleElement(items_parts, 'coupon'),
    `items.price` Array(Decimal(18, 4)) DEFAULT tupleElement(items_parts, 'price'),
    `items.quantity` Array(Decimal(18, 4)) DEFAULT tupleElement(items_parts, 'quantity'),
    `items.occurred_at` Array(DateTime64(3, 'UTC')) DEFAULT arrayMap(
        line -> ifNull(parseDateTime64BestEffortOrNull(tupleElement(line, 'occurred_at'), 3, 'UTC'), occurred_at),
        items_parts
    )
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (tenant_id, name, person, occurred_at)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Every merge and unmerge: the newest version of a person's row tells whom it stands for (itself after an unmerge).
CREATE TABLE IF NOT EXISTS {{database}}.person_alias
(
    tenant_id UInt32,
    person UInt32,
    canonical UInt32,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, person)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- People who stand for themselves are left out: the array ends at the highest merged id. Person ids are unique in the
-- whole deployment, so one dictionary serves every brand. It is read again only when asked to.
CREATE DICTIONARY IF NOT EXISTS {{database}}.person_canonical
(
    person UInt64,
    canonical UInt32
)
PRIMARY KEY person
SOURCE(CLICKHOUSE(
    {{local_user}} DB '{{database}}'
    QUERY 'SELECT toUInt64(person) AS person, argMax(canonical, version) AS canonical FROM {{database}}.person_alias GROUP BY person HAVING canonical != person'
))
LAYOUT(FLAT(INITIAL_ARRAY_SIZE 1024 MAX_ARRAY_SIZE 1000000000))
LIFETIME(0);

-- One row per person and version, read with FINAL. Holds nothing that identifies anybody.
CREATE TABLE IF NOT EXISTS {{database}}.profiles
(
    tenant_id UInt32,
    person UInt32,
    attributes JSON(max_dynamic_paths = 256),
    first_seen_at DateTime64(3, 'UTC'),
    last_seen_at DateTime64(3, 'UTC'),
    deleted UInt8,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, person)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Who is in which segment, one row per change, read with FINAL.
CREATE TABLE IF NOT EXISTS {{database}}.segment_membership
(
    tenant_id UInt32,
    segment_id UInt64,
    person UInt32,
    since DateTime64(3, 'UTC'),
    version UInt64,
    member UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, segment_id, person)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
