-- What administrators let people do, and do not let them do, over what the settings say: scopes in words.
CREATE TABLE entitlements (
    jid TEXT NOT NULL PRIMARY KEY,
    allowed TEXT NOT NULL,
    denied TEXT NOT NULL,
    changed_at_ms BIGINT NOT NULL
);
