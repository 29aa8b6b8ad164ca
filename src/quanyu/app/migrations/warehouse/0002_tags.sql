-- The tags a person carries, as the copier found them: groups of which one counts are settled already.
ALTER TABLE {{database}}.profiles ADD COLUMN IF NOT EXISTS tags Array(UInt64) DEFAULT [];
