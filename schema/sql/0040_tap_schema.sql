-- TAP_SCHEMA (TAP 1.1 §4), filled from the Felis files at every upgrade.
CREATE TABLE tap_schema.schemas (
    schema_name text PRIMARY KEY,
    utype text,
    description text,
    schema_index integer
);

CREATE TABLE tap_schema.tables (
    schema_name text NOT NULL REFERENCES tap_schema.schemas ON DELETE CASCADE,
    table_name text PRIMARY KEY,
    table_type text NOT NULL CHECK (table_type IN ('table', 'view')),
    utype text,
    description text,
    table_index integer
);

CREATE TABLE tap_schema.columns (
    table_name text NOT NULL REFERENCES tap_schema.tables ON DELETE CASCADE,
    column_name text NOT NULL,
    datatype text NOT NULL,
    arraysize text,
    xtype text,
    "size" integer,
    description text,
    utype text,
    unit text,
    ucd text,
    indexed integer NOT NULL,
    principal integer NOT NULL,
    std integer NOT NULL,
    column_index integer,
    PRIMARY KEY (table_name, column_name)
);

CREATE TABLE tap_schema.keys (
    key_id text PRIMARY KEY,
    from_table text NOT NULL REFERENCES tap_schema.tables ON DELETE CASCADE,
    target_table text NOT NULL REFERENCES tap_schema.tables ON DELETE CASCADE,
    description text,
    utype text
);

CREATE TABLE tap_schema.key_columns (
    key_id text NOT NULL REFERENCES tap_schema.keys ON DELETE CASCADE,
    from_column text NOT NULL,
    target_column text NOT NULL
);
