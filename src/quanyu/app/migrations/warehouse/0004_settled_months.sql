-- A month nothing was written to for an hour becomes one part: what a person did is then read from one place per
-- month and name, instead of from each part its events came in with.
ALTER TABLE {{database}}.events MODIFY SETTING
    min_age_to_force_merge_seconds = 3600,
    min_age_to_force_merge_on_partition_only = 1;
