-- Who may read what is not everybody's: accounts, groups, who is in which, and tokens. Private: no query can name them.

CREATE TABLE archive.account (
    -- A colon is only in names that an identity provider gave: oidc:….
    name text PRIMARY KEY CHECK (name ~ '^([A-Za-z0-9][A-Za-z0-9._@-]{0,63}|oidc:[!-~]{1,255})$'),
    -- Argon2id, with its parameters and salt; NULL where there is no password.
    password_hash text,
    is_disabled boolean NOT NULL DEFAULT false,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The groups that an identity provider named when its token was last seen, and when that was.
    claimed_groups text[] NOT NULL DEFAULT '{}',
    claimed_at timestamptz
);
CREATE UNIQUE INDEX account_name_lower_idx ON archive.account (lower(name));

-- Groups are called as the release rule has them, as IVOA identifiers: ivo://<authority>/gms?<name> (GMS 1.0).
CREATE TABLE archive.account_group (
    name text PRIMARY KEY CHECK (name ~ '^ivo://[^[:space:],?#]+\?[^[:space:],#]+$' AND length(name) <= 300),
    description text,
    created timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE archive.membership (
    account text NOT NULL REFERENCES archive.account ON DELETE CASCADE,
    group_name text NOT NULL REFERENCES archive.account_group ON DELETE CASCADE,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account, group_name)
);
CREATE INDEX membership_group_idx ON archive.membership (group_name);

-- Of a token only the SHA-256 is kept. It has 256 random bits, so nobody can try all that it could be: a slow hash, which
-- passwords need, would add nothing but time to each request.
CREATE TABLE archive.token (
    token_id text PRIMARY KEY,
    account text NOT NULL REFERENCES archive.account ON DELETE CASCADE,
    label text NOT NULL,
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    scopes text[] NOT NULL,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires timestamptz NOT NULL,
    revoked timestamptz,
    last_used timestamptz
);
CREATE INDEX token_account_idx ON archive.token (account);
