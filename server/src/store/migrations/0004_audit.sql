-- Who did what, and whether they were let. Rows are only ever added: each has a hash over itself and the hash before.
CREATE TABLE audit (
    position BIGINT NOT NULL PRIMARY KEY,
    -- What is written twice, since nobody knows whether it was written once, is there once.
    id TEXT NOT NULL UNIQUE,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    jid TEXT,
    object TEXT,
    detail TEXT,
    code TEXT,
    address TEXT,
    amr TEXT NOT NULL,
    request_id TEXT,
    count BIGINT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_by_jid ON audit (jid);
CREATE INDEX audit_by_object ON audit (object);
