-- Sender domains: the keys that sign their mail (DKIM), and how fast their mail may grow.

-- One row: a key that mail of a sender domain is signed with. account_id: whose mail; 0 for everybody's. domain: in lower case. selector: where its public half
-- stands in DNS, <selector>._domainkey.<domain>. algorithm: 1 RSA with SHA-256, 2 Ed25519. private_key: PKCS #8 in base64; whoever reads it can sign for the
-- domain. public_key: as it stands in DNS. state: 1 waits for its DNS record, 2 signs, 3 has signed (its record stays while mail is under way), 4 switched off.
-- Written by the domain's `sender_domains`; never deleted, so that no selector comes twice.
CREATE TABLE sender_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account_id BIGINT NOT NULL,
    domain TEXT NOT NULL,
    selector TEXT NOT NULL,
    algorithm SMALLINT NOT NULL,
    private_key TEXT NOT NULL,
    public_key TEXT NOT NULL,
    state SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sender_keys_by_selector ON sender_keys (domain, selector);

-- One row: a sender domain whose mail starts slowly (warm-up). first_day: the day it began, in days since 1970-01-01 UTC; first_cap: messages on that day, each
-- further day twice as many. day, n_taken: the day last counted and the messages handed out for it. Written and deleted by the domain's `warm_ups`.
CREATE TABLE warm_ups (
    domain TEXT PRIMARY KEY NOT NULL,
    first_day BIGINT NOT NULL,
    first_cap BIGINT NOT NULL,
    day BIGINT NOT NULL,
    n_taken BIGINT NOT NULL
);
