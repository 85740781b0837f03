-- Authenticator apps: the secret, sealed, and the last step whose code was taken.
CREATE TABLE totp (
    jid TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    made_at_ms BIGINT NOT NULL
);

-- Hashes of the codes for when the app is lost. One that was used is gone.
CREATE TABLE recovery_codes (
    jid TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (jid, hash)
);

-- By what the person showed who they are, in words, and when they did last.
ALTER TABLE sign_ins ADD COLUMN shown TEXT NOT NULL DEFAULT 'password';
ALTER TABLE sign_ins ADD COLUMN proved_at_ms BIGINT NOT NULL DEFAULT 0;
