-- By what push services know the gateway (RFC 8292): the newest is told, each before it is used for whoever subscribed
-- with it.
CREATE TABLE push_keys (
    id TEXT NOT NULL PRIMARY KEY,
    public_key TEXT NOT NULL,
    sealed TEXT NOT NULL,
    made_at_ms BIGINT NOT NULL
);

-- Devices to which is pushed. The address and what it is encrypted for are sealed; by the hash the same is found again.
CREATE TABLE push_devices (
    id TEXT NOT NULL PRIMARY KEY,
    jid TEXT NOT NULL,
    -- The sign-in with which it ends, if it does.
    sign_in TEXT,
    name TEXT NOT NULL,
    -- In which form it is told: `v1` or `compat`.
    form TEXT NOT NULL,
    key_id TEXT NOT NULL,
    host TEXT NOT NULL,
    endpoint_hash TEXT NOT NULL UNIQUE,
    sealed TEXT NOT NULL,
    -- Whether its pushes may have tokens for acts: 1 or 0.
    may_act BIGINT NOT NULL,
    made_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    pushed_at_ms BIGINT,
    -- Since when its push service refuses what is pushed, if it does.
    refused_at_ms BIGINT
);
CREATE INDEX push_devices_by_jid ON push_devices (jid);
CREATE INDEX push_devices_by_sign_in ON push_devices (sign_in);

-- What is pushed to somebody, and when, in JSON.
CREATE TABLE push_settings (
    jid TEXT NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL
);

-- Up to which entry of an archive, the person's own or a room's, was looked at what is to be pushed.
CREATE TABLE push_positions (
    jid TEXT NOT NULL,
    archive TEXT NOT NULL,
    entry TEXT,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (jid, archive)
);

-- What is to be pushed, one row for a device and a conversation, and what was. It waits while it has an instant at which
-- it is due.
CREATE TABLE push_outbox (
    device TEXT NOT NULL,
    -- By which the push service puts a later one in the place of an earlier one (RFC 8030 section 5.4).
    topic TEXT NOT NULL,
    jid TEXT NOT NULL,
    host TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The message that it is about.
    about TEXT NOT NULL,
    sealed TEXT NOT NULL,
    count BIGINT NOT NULL,
    due_at_ms BIGINT,
    expires_at_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- It was too long and is to be shorter: 1 or 0.
    shrunk BIGINT NOT NULL,
    leased_until_ms BIGINT NOT NULL,
    sent_at_ms BIGINT,
    -- One more with each change of what is to be pushed.
    version BIGINT NOT NULL,
    PRIMARY KEY (device, topic)
);
CREATE INDEX push_outbox_by_due ON push_outbox (host, due_at_ms);
CREATE INDEX push_outbox_by_jid ON push_outbox (jid);

-- Tokens for acts that were used, by their hashes, until they would have run out.
CREATE TABLE push_spent (
    hash TEXT NOT NULL PRIMARY KEY,
    until_ms BIGINT NOT NULL
);
