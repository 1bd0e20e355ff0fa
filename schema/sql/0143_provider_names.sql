-- What a provider calls its users may differ in the case of letters alone (OpenID Connect Core 1.0 §2, sub).
DROP INDEX archive.account_name_lower_idx;
CREATE UNIQUE INDEX account_name_lower_idx ON archive.account (lower(name)) WHERE name NOT LIKE 'oidc:%';
