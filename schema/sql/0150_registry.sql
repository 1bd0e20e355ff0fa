-- When each record of the registry was first made, and when it last changed or went: harvesters ask for what is new
-- since they were here, and a restart makes nothing new. Rows stay for ever, so that deletions can be told for ever.
CREATE TABLE archive.registry_record (
    identifier text PRIMARY KEY,
    authority text NOT NULL,
    digest text NOT NULL,
    created timestamptz NOT NULL,
    updated timestamptz NOT NULL,
    is_deleted boolean NOT NULL DEFAULT false
);
