-- The schemas: `archive` is private, `sky` holds functions, the others are what a query can name.
CREATE SCHEMA sky;
CREATE SCHEMA caom2;
CREATE SCHEMA ivoa;
CREATE SCHEMA jwst;
CREATE SCHEMA tap_schema;
