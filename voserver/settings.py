"""Every setting, from the environment (`VOSERVER_…`). The descriptions are the documentation: `docs/settings.md`."""

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can choose. `VOSERVER_DATA_DIR` sets `data_dir`, and so on."""

    model_config = SettingsConfigDict(env_prefix="VOSERVER_", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("voserver"),
        description="Where the embedded PostgreSQL and the demonstration's files live.",
    )
    database_url: str | None = Field(
        None,
        description="A PostgreSQL to use, as a libpq URL (`postgresql://user:password@host/database`). "
        "Without it voserver starts the embedded PostgreSQL in `data_dir`.",
    )
    query_database_url: str | None = Field(
        None,
        description="How to connect as the role that runs users' queries. Without it the connection of "
        "`database_url` is used and takes the role `voserver_query`.",
    )
    base_url: str | None = Field(
        None,
        description="The service's public URL, without a trailing slash (`https://archive.example.org/vo`). "
        "Without it the URL that each request came to is used.",
    )
    authority: str = Field(
        "voserver.example",
        description="The IVOA authority of dataset identifiers: `ivo://<authority>/jwst?…`. Set it before loading.",
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, description="The port to listen on.", ge=0, le=65535)
    workers: int = Field(1, description="How many server processes share the port.", ge=1)
    default_maxrec: int = Field(
        20_000, description="Rows that a query returns when it does not say how many.", ge=1
    )
    hard_maxrec: int = Field(20_000_000, description="Rows that a query may return at most.", ge=1)
    sync_timeout: int = Field(600, description="Seconds that a synchronous query may run.", ge=1)
    query_connections: int = Field(
        8, description="Queries that each server process runs at once; others wait for a place.", ge=1
    )
    query_queue_timeout: int = Field(
        15, description="Seconds that a query waits for a place before it is told to come back later.", ge=0
    )
    estimate_limit: int = Field(
        3600,
        description="Seconds that a query of several tables may be estimated to take; one that would take longer is "
        "refused at once, with advice. Estimates can be ten times wrong either way. 0 for no limit.",
        ge=0,
    )
    cost_per_second: int = Field(
        300_000,
        description="How much of a plan's cost PostgreSQL works off in a second: what `estimate_limit` and "
        "`voserver explain` go by. Divide the cost of a long query, which `voserver explain` shows, by its seconds.",
        ge=1,
    )
    explain: bool = Field(
        True,
        description="Whether `/tap/explain` shows everybody the plan of a query. Its estimates come from statistics "
        "of all rows, and so can tell how frequent a frequent value is among rows that are not released.",
    )
    temp_file_limit: str = Field(
        "4GB", description="Disk that one query may use for sorting (PostgreSQL's words)."
    )
    adql_extensions: bool = Field(
        True, description="Whether ADQL has CASE, CROSS JOIN and NULLIF, which are not in the standard."
    )
    resolver_url: str = Field(
        "https://cds.unistra.fr/cgi-bin/nph-sesame/",
        description="The Sesame service that `ivo_simbadpoint` asks for the positions of objects; empty for none.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How log lines are written: `text` or `json`."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe to log."
    )


def schema_directory() -> Path:
    """The directory of Felis and SQL files: beside the package in a checkout, inside it when installed."""
    installed = Path(__file__).parent / "schema"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "schema"
