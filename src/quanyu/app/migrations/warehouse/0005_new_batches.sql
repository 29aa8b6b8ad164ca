-- What came since a batch is asked for all the time: whatever holds only older batches is not read.
ALTER TABLE {{database}}.events ADD INDEX IF NOT EXISTS newest_batch batch_id TYPE minmax GRANULARITY 1;
ALTER TABLE {{database}}.events MATERIALIZE INDEX newest_batch;
