"""Every setting, from the environment (`VOSERVER_…`). The descriptions are the documentation: `docs/settings.md`."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_USERS_HAVE_MORE = (
    "default_maxrec",
    "hard_maxrec",
    "sync_timeout",
    "async_timeout",
    "async_hard_timeout",
    "async_default_maxrec",
    "async_hard_maxrec",
    "async_bytes",
    "upload_bytes",
    "upload_rows",
)


_PLACEHOLDERS = frozenset({"filename", "path", "program", "uri"})


def _template(text: str) -> str:
    """A text with none but the known placeholders."""
    unknown = sorted(set(re.findall(r"\{([^}]*)\}", text)) - _PLACEHOLDERS)
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in sorted(_PLACEHOLDERS))
        raise ValueError(f"{{{unknown[0]}}} stands for nothing; there are {known}")
    return text


def _store_url(url: str) -> str:
    if not re.match(r"(file:///|s3://[^/]|gs://[^/]|az://[^/]|https?://[^/])", url):
        raise ValueError(f"{url!r} is no place of files: file:///…, s3://…, gs://…, az://… or https://…")
    return _template(url).rstrip("/")


class StoreSetting(BaseModel):
    """One place where copies of files may lie; `docs/files.md` tells of each field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)
    url: Annotated[str, AfterValidator(_store_url)]
    layout: Annotated[str, AfterValidator(_template)] = "{filename}"
    uris: str = ""
    public: bool = False
    redirect: bool = False
    sign: int = Field(0, ge=0, le=604_800)
    options: dict[str, str | bool] = {}

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        is_bucket = not self.url.startswith(("file:", "http"))
        if not is_bucket and (self.options or self.sign):
            raise ValueError("only a bucket (s3://, gs://, az://) has options, or signed URLs")
        if self.redirect and self.url.startswith("file:"):
            raise ValueError("nobody can be redirected to a directory")
        if self.redirect and not (self.public or self.sign):
            raise ValueError("redirect is for stores that are public, or have URLs signed (sign)")
        return self


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
    async_timeout: int = Field(
        3600, description="Seconds that a job (an asynchronous query) may run when it does not say.", ge=1
    )
    async_hard_timeout: int = Field(86_400, description="Seconds that a job may run at most.", ge=1)
    async_default_maxrec: int = Field(
        1_000_000, description="Rows that a job returns when it does not say how many.", ge=1
    )
    async_hard_maxrec: int = Field(20_000_000, description="Rows that a job may return at most.", ge=1)
    async_bytes: int = Field(
        20 * 1024**3, description="Bytes that the result of a job may have at most.", ge=1
    )
    user_factor: int = Field(
        4,
        description="How many times the limits of everybody's queries and jobs (rows, seconds, bytes) hold for those "
        "who have signed in.",
        ge=1,
    )
    workers_embedded: bool = Field(
        False,
        description="Whether server processes run jobs, too. Without it `voserver worker` does, elsewhere.",
    )
    job_concurrency: int = Field(2, description="Jobs that each worker runs at once.", ge=1)
    jobs_running: int = Field(
        4, description="Jobs of one user, or of one address, that run at once over all workers.", ge=1
    )
    jobs_busy: int = Field(
        300, description="Jobs that one user, or one address, may have waiting and running at once.", ge=1
    )
    job_lifetime: int = Field(
        7 * 86_400, description="Seconds after which a job and its results are deleted.", ge=1
    )
    job_lease: int = Field(
        30, description="Seconds after which a worker that gives no sign of life has lost its jobs.", ge=1
    )
    results_url: str | None = Field(
        None,
        description="Where results of jobs are kept, for example `s3://bucket/results`. Without it in `data_dir`, "
        "which all servers and workers must then share.",
    )
    stores: list[StoreSetting] | None = Field(
        None,
        description="Where files lie, in the order to look there: a JSON list of objects (see [Files](files.md)). "
        "Without it the directory `files` in `data_dir`; for public files that are not there clients are sent to MAST.",
    )
    package_bytes: int = Field(
        16 * 1024**3,
        description="Bytes of files that a package may have which is sent at once. A larger one is made by a job, "
        "within the bytes that its result may have.",
        ge=1,
    )
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
        False,
        description="Whether `/tap/explain` shows everybody the plan of a query. Its estimates come from statistics "
        "of all rows: with patience they tell of values in rows that are not released. For archives that hide "
        "nothing, such as the demonstration, which has it.",
    )
    cutout_bytes: int = Field(
        1024**3,
        description="Bytes that a cut-out may have at most which is made at once; one made by a job has `async_bytes`.",
        ge=1,
    )
    cutouts: int = Field(
        4, description="Cut-outs that each server process makes at once; others wait as queries do.", ge=1
    )
    packages: int = Field(
        8, description="Packages that each server process sends at once; others wait as queries do.", ge=1
    )
    temp_file_limit: str = Field(
        "4GB", description="Disk that one query may use for sorting (PostgreSQL's words)."
    )
    upload_bytes: int = Field(
        256 * 1024**2,
        description="Bytes of the tables that a query may bring with it (TAP uploads), as sent and unpacked.",
        ge=1,
    )
    upload_rows: int = Field(
        1_000_000, description="Rows of the tables that a query may bring with it, together.", ge=1
    )
    upload_timeout: int = Field(60, description="Seconds that fetching a table by its URL may take.", ge=1)
    upload_hosts: str = Field(
        "",
        description="Hosts and networks within your own that tables may be fetched from though their addresses are "
        "private, with commas between: `archive.local, 10.1.0.0/16`. Others must have public addresses.",
    )
    login_seconds: int = Field(
        8 * 3600,
        description="Seconds that a token holds which `/login` gives for a name and a password.",
        ge=60,
    )
    credentials_over_http: bool = Field(
        False,
        description="Whether passwords and tokens are taken over plain HTTP from elsewhere than the same machine. "
        "Only for a proxy that ends TLS and cannot say so (`X-Forwarded-Proto`).",
    )
    oidc_issuer: str | None = Field(
        None,
        description="An OpenID Connect provider whose tokens (JWT) sign in, too, as the URL that they name as issuer. "
        "Its keys are found by discovery.",
    )
    oidc_audience: str | None = Field(
        None, description="Whom tokens of that provider must be made for: this service's identifier there."
    )
    oidc_name_claim: str = Field(
        "sub",
        description="The claim that names the user, who is called `oidc:<claim>`. Providers promise only of `sub` that "
        "it is never given to somebody else.",
    )
    oidc_groups_claim: str = Field(
        "groups",
        description="The claim with the user's groups: whole identifiers (`ivo://…`), or names that "
        "`ivo://<authority>/gms?` is put before, such as `jwst-02736`.",
    )
    adql_extensions: bool = Field(
        True, description="Whether ADQL has CASE, CROSS JOIN and NULLIF, which are not in the standard."
    )
    resolver_url: str = Field(
        "https://cds.unistra.fr/cgi-bin/nph-sesame/",
        description="The Sesame service that `ivo_simbadpoint` asks for the positions of objects; empty for none.",
    )
    registry_title: str = Field(
        "JWST archive",
        description="What the registry calls the archive; titles of its services begin with it.",
        min_length=1,
    )
    registry_short_name: str = Field(
        "JWST",
        description="The same in a word, of 10 letters at most: `JWST` makes `JWST TAP`, `JWST SIA2`.",
        min_length=1,
        max_length=10,
    )
    registry_description: str = Field(
        "Observations of the James Webb Space Telescope.",
        description="What the archive holds, in a few sentences, for those who find it in a registry.",
        min_length=1,
    )
    registry_subjects: str = Field(
        "infrared-astronomy, space-telescopes, astronomy-databases",
        description="What it is about: terms of the Unified Astronomy Thesaurus (https://www.ivoa.net/rdf/uat), with "
        "commas between.",
        pattern=r"[^,\s]",
    )
    registry_publisher: str = Field("", description="The organisation that publishes the archive.")
    registry_publisher_url: str = Field(
        "",
        description="That organisation's home page; without it the archive's.",
        pattern=r"^(https?://\S+)?$",
    )
    registry_contact_name: str = Field(
        "", description="Whom to write to about the archive: a group, or a person."
    )
    registry_contact_email: str = Field(
        "", description="The address to write to.", pattern=r"^(\S+@\S+\.\S+)?$"
    )
    registry_rights: str = Field(
        "", description="Under which conditions the data may be used, in words; empty to say nothing."
    )
    registry_rights_url: str = Field(
        "", description="The licence's URI (`https://spdx.org/licenses/CC-BY-4.0`); needs `registry_rights`."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How log lines are written: `text` or `json`."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe to log."
    )

    @model_validator(mode="after")
    def _audience_is_known(self) -> Self:
        if self.oidc_issuer and not self.oidc_audience:
            raise ValueError(
                "oidc_issuer needs oidc_audience: a token made for another service must not sign in here"
            )
        return self

    def __hash__(self) -> int:
        """Settings are keys of caches. Lists cannot be hashed; that they differ is found by comparison."""
        return hash((self.data_dir, self.database_url, self.base_url, self.port))

    def for_users(self) -> Self:
        """The settings as they hold for those who have signed in."""
        more = {name: getattr(self, name) * self.user_factor for name in _USERS_HAVE_MORE}
        return self.model_copy(update=more)


def schema_directory() -> Path:
    """The directory of Felis and SQL files: beside the package in a checkout, inside it when installed."""
    installed = Path(__file__).parent / "schema"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "schema"
