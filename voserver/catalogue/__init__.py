"""The data: CAOM on PostgreSQL; pools, streams, TAP_SCHEMA, release rules, loading. Knows no protocol and no format."""
