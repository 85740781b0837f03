-- The strongest way to sign in that the XMPP server of a domain was seen to offer, by its name among the SASL mechanisms.
CREATE TABLE servers (
    domain TEXT NOT NULL PRIMARY KEY,
    mechanism TEXT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);
