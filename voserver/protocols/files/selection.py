"""Which files a package is to have: what its parameters name, as far as there is such a thing, and the caller may."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from voserver.catalogue.holdings import Holding, check_readable
from voserver.model.errors import Forbidden, NotFound, UsageError
from voserver.model.identity import Identity
from voserver.protocols.parameters import Parameters
from voserver.protocols.site import Site

MOST_FILES = 20_000
"""Files of one package: more would take minutes to look for before the first byte."""

REPEATABLE = ("ID", "PRODUCTTYPE", "EXTENSION", "CALIB", "SUBGROUP")

_TYPES = ("science", "calibration", "auxiliary", "preview", "thumbnail", "info", "catalog", "noise", "weight")
_YES = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_UNPRINTABLE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u2028-\u202e\u2066-\u2069]')


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the parameters ask for; an empty filter lets everything pass."""

    ids: tuple[str, ...]
    only_recommended: bool
    types: frozenset[str]
    extensions: tuple[str, ...]
    levels: frozenset[int]
    subgroups: frozenset[str]

    def passes(self, file: Holding) -> bool:
        """Whether the filters let a file pass."""
        return (
            (file.is_minimum_recommended or not self.only_recommended)
            and (not self.types or (file.product_type or "").lower() in self.types)
            and (not self.extensions or file.filename.lower().endswith(self.extensions))
            and (not self.levels or file.calibration_level in self.levels)
            and (not self.subgroups or (file.subgroup or "").upper() in self.subgroups)
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """The files by their names in the package; those that the caller may not have; identifiers of nothing."""

    files: tuple[tuple[str, Holding], ...]
    exclusive: tuple[Holding, ...]
    unknown: tuple[str, ...]

    @property
    def size(self) -> int:
        """The bytes of the files, as the catalogue has them."""
        return sum(file.content_length or 0 for _, file in self.files)


def read_wanted(parameters: Parameters) -> Wanted:
    """What is asked for. One ID may hold several identifiers, with blanks or ends of lines between.

    Raises:
        UsageError: nothing is asked for, or a filter makes no sense.
    """
    words = [word for text in parameters.all("ID") for word in text.split()]
    if not words:
        raise UsageError(
            "ID is missing.",
            hint="ID is the identifier of a dataset (ivo://…) or the URI of a file (mast:JWST/…); repeat it, or "
            "put several into one with blanks between.",
        )
    if len(words) > MOST_FILES:
        raise UsageError(
            f"These are {len(words):,} identifiers, and a package takes {MOST_FILES:,} at most.",
            hint="Ask for several packages.",
        )
    asked = parameters.one("MRP")
    if asked is not None and asked.strip().lower() not in _YES:
        raise UsageError(f"MRP={asked[:40]!r} is neither true nor false.")
    return Wanted(
        tuple(dict.fromkeys(words)),
        only_recommended=asked is not None and _YES[asked.strip().lower()],
        types=frozenset(_type(word) for word in _words(parameters, "PRODUCTTYPE")),
        extensions=tuple(f".{word.lstrip('.').lower()}" for word in _words(parameters, "EXTENSION")),
        levels=frozenset(_level(word) for word in _words(parameters, "CALIB")),
        subgroups=frozenset(word.upper() for word in _words(parameters, "SUBGROUP")),
    )


def _words(parameters: Parameters, name: str) -> list[str]:
    return [word.strip() for text in parameters.all(name) for word in text.split(",") if word.strip()]


def _type(word: str) -> str:
    if word.lower() not in _TYPES:
        raise UsageError(
            f"PRODUCTTYPE={word[:40]!r} is not known.", hint=f"It is one of {', '.join(_TYPES)}."
        )
    return word.lower()


def _level(word: str) -> int:
    if word not in {"0", "1", "2", "3", "4"}:
        raise UsageError(f"CALIB={word[:40]!r} is no calibration level.", hint="It is 0, 1, 2, 3 or 4.")
    return int(word)


async def select(site: Site, wanted: Wanted, who: Identity) -> Selection:
    """The files, for somebody.

    Raises:
        NotFound: there is no such file.
        Forbidden: there are, but none that he may have.
        UsageError: there are too many.
    """
    datasets = [one for one in wanted.ids if _is_dataset(one)]
    uris = [one for one in wanted.ids if not _is_dataset(one)]
    files = await site.holdings.of_publisher_ids(datasets, who) if datasets else []
    files += await site.holdings.of_uris(uris, who) if uris else []
    # Of thousands of files this takes a while.
    return await run_in_threadpool(_selection, wanted, {file.uri: file for file in files}, who)


def _is_dataset(identifier: str) -> bool:
    return identifier.lower().startswith("ivo:")


def _selection(wanted: Wanted, found: dict[str, Holding], who: Identity) -> Selection:
    known = {(file.publisher_id or "").lower() for file in found.values()}
    unknown = [one for one in wanted.ids if one not in found and one.lower() not in known]
    passing = [file for file in sorted(found.values(), key=lambda file: file.uri) if wanted.passes(file)]
    readable = [file for file in passing if file.is_readable]
    _check(found, passing, readable, who)
    exclusive = tuple(file for file in passing if not file.is_readable)
    return Selection(tuple(named(readable)), exclusive, tuple(unknown))


def _check(found: dict[str, Holding], passing: list[Holding], readable: list[Holding], who: Identity) -> None:
    if not found:
        raise NotFound("No file or dataset of this archive has any of these identifiers.")
    if not passing:
        raise NotFound(
            f"None of the {len(found)} files passes the filters.",
            hint="Ask without MRP, PRODUCTTYPE, EXTENSION, CALIB or SUBGROUP to see what there is, for example "
            "with RESPONSEFORMAT=csv.",
        )
    if not readable:
        try:
            check_readable(passing[0], who)
        except Forbidden as error:
            if len(passing) > 1:
                error.message = f"All {len(passing)} files are exclusive to others. {error.message}"
            raise
    if len(readable) > MOST_FILES:
        raise UsageError(
            f"These are {len(readable)} files, and a package has {MOST_FILES} at most.",
            hint="Filter them, or ask for several packages.",
        )


def named(files: Iterable[Holding]) -> list[tuple[str, Holding]]:
    """Each file with its name in the package: its own, in its dataset's directory where another is called the same."""
    kept = [(_safe(file.filename), file) for file in files]
    counts: dict[str, int] = {}
    for name, _ in kept:
        counts[name.lower()] = counts.get(name.lower(), 0) + 1  # some file systems know no capitals
    result, taken = [], set()
    for name, file in kept:
        path = name if counts[name.lower()] == 1 else f"{_directory(file)}/{name}"
        number = 1
        while path.lower() in taken:
            number += 1
            path = f"{_directory(file)}-{number}/{name}"
        taken.add(path.lower())
        result.append((path, file))
    return result


def _directory(file: Holding) -> str:
    return _safe((file.publisher_id or "").partition("?")[2] or str(file.plane_id))


def _safe(name: str) -> str:
    """A name that is one in every file system, and nothing else."""
    plain = _UNPRINTABLE_IN_NAMES.sub("_", name).strip(". ")
    plain = plain.encode("utf-8", "replace").decode()[:200]
    return f"_{plain}" if not plain or plain[0] in "-~" or plain.upper() == "MANIFEST.CSV" else plain
