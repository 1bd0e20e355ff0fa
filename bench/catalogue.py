"""The million-row catalogue that everything is measured on: the sample's files, repeated all around the sky.

Made once, in an embedded PostgreSQL of the benchmark's own, and kept (`VOSERVER_BENCH_DIR`, `.venv/bench`).
"""

import os
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console

from voserver.catalogue import migrations
from voserver.catalogue.embedded import EmbeddedPostgres
from voserver.cli import loading
from voserver.settings import Settings

ROWS = 1_000_000
DIRECTORY = Path(os.environ.get("VOSERVER_BENCH_DIR", Path(__file__).parent.parent / ".venv" / "bench"))

_CHANGED = {
    "uri": "a.uri || '?copy=' || c.number",
    "artifactid": "gen_random_uuid()",
    "s_ra": "(a.s_ra + c.turn) - 360 * floor((a.s_ra + c.turn) / 360)",
    "s_dec": "a.s_dec * c.side",
    "s_region": "c.region",
    "s_region__shape": "CASE WHEN a.s_region__shape IS NOT NULL THEN sky.region(c.region) END",
}
"""How a copy differs from its original: turned about the pole and, every other time, mirrored."""

_MOVED_REGION = """
CREATE FUNCTION pg_temp.moved(region text, turn float8, side integer) RETURNS text LANGUAGE sql IMMUTABLE
RETURN (
    SELECT string_agg(
        CASE WHEN word ~ '^[A-Za-z]' THEN word
             WHEN is_circle AND place = 3 THEN word
             WHEN place % 2 = 1
             THEN (word::float8 + turn - 360 * floor((word::float8 + turn) / 360))::numeric(12, 8)::text
             ELSE (word::float8 * side)::text END, ' ' ORDER BY number)
    FROM (SELECT word, number, bool_or(lower(word) = 'circle') OVER shape AS is_circle,
              count(*) FILTER (WHERE word !~ '^[A-Za-z]') OVER (shape ORDER BY number) AS place
          FROM (SELECT word, number,
                    count(*) FILTER (WHERE word ~* '^(polygon|circle)') OVER (ORDER BY number) AS part
                FROM regexp_split_to_table(trim(region), '\\s+')
                    WITH ORDINALITY AS words(word, number)) AS parts
          WINDOW shape AS (PARTITION BY part)) AS numbered)
"""

_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'archive' AND tablename = 'artifact'
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""


def start(console: Console) -> EmbeddedPostgres:
    """Start the benchmark's PostgreSQL, and fill it if it is not full yet. The caller stops it."""
    # Benchmarks measure reading; a lost power supply costs them nothing but a new start.
    postgres = EmbeddedPostgres(DIRECTORY, {"synchronous_commit": "off"})
    url = postgres.start()
    settings = Settings(data_dir=DIRECTORY, database_url=url)
    changed = migrations.upgrade(url, settings)
    with psycopg.connect(url, autocommit=True) as connection:
        if changed and _count(connection) >= ROWS:
            # A migration that fills a column leaves a dead row before each live one: a tenth of a second to the first.
            connection.execute("VACUUM (FULL, ANALYZE) archive.artifact")
        if _count(connection) < ROWS:
            loading.sample(settings)
            console.print(f"Making {ROWS:,} rows of it, once; this takes some minutes.")
            _multiply(connection)
            connection.execute("VACUUM (ANALYZE) archive.artifact")
    return postgres


def _count(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM archive.artifact").fetchone()
    return int(row[0]) if row else 0


def _multiply(connection: psycopg.Connection) -> None:
    """Insert copies of what is there until there are enough rows."""
    original = _count(connection)
    copies = -(-(ROWS - original) // original)
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'archive'"
        " AND table_name = 'artifact' AND is_generated = 'NEVER' ORDER BY ordinal_position"
    ).fetchall()
    names = [str(row[0]) for row in found]
    values = ", ".join(_CHANGED.get(name, f"a.{name}") for name in names)
    connection.execute(_MOVED_REGION)
    indexes = connection.execute(_INDEXES).fetchall()  # made anew afterwards, which is much faster
    for name, _definition in indexes:
        connection.execute(sql.SQL("DROP INDEX archive.{}").format(sql.Identifier(name)))
    connection.execute("SELECT setseed(0.25)")
    connection.execute(
        f"INSERT INTO archive.artifact ({', '.join(names)}) SELECT {values} FROM archive.artifact AS a"
        f" CROSS JOIN LATERAL (SELECT number, turn, side, pg_temp.moved(a.s_region, turn, side) AS region"
        f"   FROM (SELECT number, 360 * random() AS turn, 1 - 2 * (number % 2) AS side"
        f"         FROM generate_series(1, {copies}) AS number WHERE a.uri IS NOT NULL) AS turns) AS c"
        f" WHERE a.uri NOT LIKE '%?copy=%' LIMIT {ROWS - original}"
    )
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        connection.execute(definition.encode())
