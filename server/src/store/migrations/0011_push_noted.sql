-- When what a row says came last: whoever has looked since need not be told.
ALTER TABLE push_outbox ADD COLUMN noted_at_ms BIGINT NOT NULL DEFAULT 0;
