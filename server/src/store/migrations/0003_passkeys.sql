-- What stands for a person on their devices (a UUID): random, so that a device tells nobody whose passkeys it has.
CREATE TABLE passkey_handles (
    jid TEXT NOT NULL PRIMARY KEY,
    handle TEXT NOT NULL
);

-- Passkeys. A public key is no secret: whoever reads it can sign nothing with it, so that it is not sealed.
CREATE TABLE passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    jid TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The public key, the device's name for it, counter and flags, in JSON.
    credential TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT,
    -- It showed signs of a copy, and is good for nothing any more.
    blocked_at_ms BIGINT
);
CREATE INDEX passkeys_by_jid ON passkeys (jid);

-- Keys of the gateway's own that are not for signing, sealed.
CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL
);
