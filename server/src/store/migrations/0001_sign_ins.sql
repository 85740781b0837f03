-- Instants are milliseconds since 1970-01-01T00:00:00Z, names of columns end as those of the API do.

-- Sign-ins, and access tokens that people made for scripts.
CREATE TABLE sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    jid TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- Hashes: of the refresh token or access token, and of the refresh token before with its grace.
    secret TEXT,
    spent TEXT,
    spent_until_ms BIGINT,
    began_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT
);
CREATE INDEX sign_ins_by_jid ON sign_ins (jid);

-- What sessions are opened with, sealed.
CREATE TABLE credentials (
    jid TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    changed_at_ms BIGINT NOT NULL
);

-- What tokens are signed with, sealed.
CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL
);
