"""Harvest MAST: its observations of JWST and their products, as far as a scope goes.

The observations are listed first, in one transaction; then their products are asked for and merged, some observations
at a time, those first that are made of others. A harvest that is broken off goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

from voserver.catalogue import engine
from voserver.catalogue.ingest import report
from voserver.catalogue.ingest.mast import withdrawing
from voserver.catalogue.ingest.mast.describing import Circumstances
from voserver.catalogue.ingest.mast.gathering import Gathered
from voserver.catalogue.ingest.mast.journal import Journal
from voserver.catalogue.ingest.mast.lists import Lists, Row
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
            about = f"{portal.server} {scope.name} {settings.authority}"
            run = report.begin(connection, _KIND, scope.name, about, is_trial=wish.is_trial)
            journal = Journal.take_up(
                connection, portal.server, scope.name, settings.authority, is_trial=wish.is_trial
            )
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
            journal.end(is_trial=wish.is_trial)
            outcome = Outcome(load.finish(settings), work.rows, load.planned, load.planned_changed)
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
    seen: set[str] = field(default_factory=set)
    """Files that were merged with all that is to be known of them."""

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
            lists.observations |= {str(row["obs_id"]): row for row in self.journal.known(others)}
            gathered = self.load.take(lists, without=self.seen)
            self.seen |= {name for name, listed in gathered.files.items() if listed.observation is not None}
            self.rows += lists.rows
            self.journal.done(waiting, _uris(gathered))
            self.progress("observations loaded", *self.journal.count())

    def _products(self, observations: Sequence[Row]) -> list[Row]:
        """The products of those that are more than a plan."""
        obsids = [
            str(obsid)
            for row in observations
            if (obsid := mast.given(row.get("obsid"))) is not None and str(row.get("calib_level")) != "-1"
        ]
        return [row for page in self.portal.products(obsids) for row in page] if obsids else []


def _uris(gathered: Gathered) -> list[str]:
    return [jwst.product_uri(name) for name in gathered.files]
