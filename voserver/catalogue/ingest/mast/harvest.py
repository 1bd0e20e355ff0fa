"""Harvest MAST: its observations of JWST and their products, as far as a scope goes.

The observations are listed first, in one transaction; then their products are asked for and merged, some observations
at a time, those first that are made of others. A harvest that is broken off goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from voserver.catalogue import engine
from voserver.catalogue.ingest import report
from voserver.catalogue.ingest.mast import withdrawing
from voserver.catalogue.ingest.mast.describing import Circumstances
from voserver.catalogue.ingest.mast.journal import Journal
from voserver.catalogue.ingest.mast.lists import Lists, Row, storable
from voserver.catalogue.ingest.mast.loading import ListLoad, Outcome
from voserver.catalogue.ingest.mast.portal import Portal
from voserver.catalogue.ingest.mast.scopes import Scope
from voserver.model import jwst, mast
from voserver.model.errors import UsageError
from voserver.settings import Settings

Progress = Callable[[str, int, int | None], None]
"""Called with what is done, how many of it are done, and of all where that is known."""
Confirm = Callable[[str], bool]
"""Asks whether that is wanted."""

_KIND = "mast-harvest"
_TOGETHER = 20
"""The products of so many observations are asked for at once."""
_LONGEST = 400
"""No file of JWST's has a longer name."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a harvest is to be done."""

    is_trial: bool = False
    """Only show what would change."""
    is_complete: bool = False
    """What programs have here and not there is withdrawn."""
    together: int = _TOGETHER


@dataclass(frozen=True, slots=True)
class Harvested:
    """What came of a harvest."""

    outcome: Outcome
    observations: int
    started: datetime
    """As it was then MAST is known now (UTC)."""
    withdrawn: withdrawing.Withdrawal | None = None


def harvest(
    url: str,
    scope: Scope,
    portal: Portal,
    settings: Settings,
    wish: Wish,
    *,
    progress: Progress | None = None,
    confirm: Confirm | None = None,
) -> Harvested:
    """Harvest into the database at `url`; of a trial nothing stays.

    Raises:
        UsageError: `is_complete` was asked for without whole programs, or it would withdraw much and nobody agrees.
        Unavailable: MAST or the database is away, or somebody harvests the same.
    """
    if wish.is_complete and not scope.programs:
        raise UsageError("Only of whole programs it is known what they lack: give --complete with --program.")
    # What is read between batches must not hold a transaction open.
    with engine.connect(url, autocommit=True) as connection:
        try:
            journal = Journal.take_up(
                connection, portal.server, scope.name, settings.authority, is_trial=wish.is_trial
            )
            # What is begun anew has a report of its own.
            about = f"{portal.server} {scope.name} {settings.authority} {journal.harvestid}"
            run = report.begin(connection, _KIND, scope.name, about, is_trial=wish.is_trial)
            circumstances = Circumstances(
                settings.authority, datetime.now(UTC).replace(tzinfo=None), is_fresh=True
            )
            load = ListLoad.begin(connection, run, circumstances)
            load.programs |= set(scope.programs)
            work = _Work(portal, scope, journal, load, progress or _unseen)
            work.list_observations()
            work.load_products(wish.together)
            load.link_associations()
            withdrawn = None
            if wish.is_complete:
                withdrawn = withdrawing.withdraw(
                    connection,
                    scope.programs,
                    journal.harvestid,
                    journal.started,
                    lambda question: bool(confirm and confirm(question)),
                    is_trial=wish.is_trial,
                )
            _, observations = journal.count()
            outcome = load.outcome(settings, work.rows)
            journal.end(is_trial=wish.is_trial)
            return Harvested(outcome, observations, journal.started, withdrawn)
        except psycopg.Error as error:
            raise engine.translate(error) from error


def _unseen(_doing: str, _done: int, _total: int | None) -> None:
    pass


@dataclass(slots=True)
class _Work:
    """A harvest under way."""

    portal: Portal
    scope: Scope
    journal: Journal
    load: ListLoad
    progress: Progress
    rows: int = 0

    def list_observations(self) -> None:
        """Find out which observations there are, unless that is known."""
        if self.journal.is_listed:
            return
        pages = (
            page
            for filters, position in self.scope.queries
            for page in self.portal.observations(filters, position)
        )
        for count in self.journal.write_down(pages):
            self.progress("observations listed", count, None)

    def load_products(self, together: int) -> None:
        """Merge the products of all observations that wait."""
        while waiting := self.journal.waiting(together):
            lists = Lists()
            lists.add("observations", ((row, None) for row in waiting), "MAST")
            products = self._products(waiting)
            lists.add("products", ((row, None) for row in products), "MAST")
            # Products of other observations are listed, too: what these say of them is known already.
            others = {str(row.get("obs_id")) for row in products} - lists.observations.keys()
            lists.observations |= {str(row.get("obs_id")): row for row in self.journal.known(others)}
            self.rows += lists.rows
            self._merge(waiting, lists, dict.fromkeys(_uris([*products, *waiting]), False))
            self.progress("observations loaded", *self.journal.count())

    def _merge(self, waiting: Sequence[Row], lists: Lists, files: dict[str, bool]) -> None:
        """Merge what is said of some observations and note that it is done: all of it, or nothing.

        `files` are all that are listed, also where their rows cannot be true: MAST has them.
        """
        with self.journal.connection.transaction():
            known = {uri.rpartition("/")[2] for uri in self.journal.whole(files)}
            gathered = self.load.take(lists, without=known)
            files |= {
                jwst.product_uri(name): listed.observation is not None
                for name, listed in gathered.files.items()
            }
            self.journal.done(waiting, files)

    def _products(self, observations: Sequence[Row]) -> list[Row]:
        """The products of those that are more than a plan."""
        obsids = [
            str(obsid)
            for row in observations
            if (obsid := mast.given(row.get("obsid"))) is not None and str(row.get("calib_level")) != "-1"
        ]
        return [row for page in self.portal.products(obsids) for row in page] if obsids else []


_NAMING = ("dataURI", "productFilename", "dataURL", "jpegURL")
"""Columns that name a file."""


def _uris(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        for value in map(row.get, _NAMING):
            name = mast.file_name(value)
            if name and len(name) <= _LONGEST:
                yield jwst.product_uri(storable(name))
