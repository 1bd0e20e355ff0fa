"""What MAST's catalogue means by its columns, in the words of its JWST keyword service.

The catalogue (rows of observations and products, as the portal, astroquery and their CSVs give them) names optical
elements in one column, instruments with their mode, wavelengths in nm; what is missing is empty, `--` or null.
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import unquote

from voserver.model import jwst
from voserver.model.errors import UsageError

_MISSING = frozenset({"", "--", "None", "null", "NULL", "nan", "NaN", "masked"})
_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC).replace(tzinfo=None)
_DISPERSER = re.compile(r"G\d{3}[MH]|PRISM|MIRROR")
_ELEMENT = re.compile(r"F\d{3,4}(?:[WMNCXR]|LP|WR|W2)|G\d{3}[MH]|PRISM|GRISM[RC]|GR150[RC]|GR700XD|P750L|NRM")
_MODE = re.compile(r"[A-Z0-9]{0,12}", re.ASCII)
_BLUE = frozenset({"F090W", "F115W", "F140M", "F150W", "F158M", "F200W", "GR700XD", "NRM", "CLEARP"})
"""What NIRISS has in its pupil wheel."""
_BANDS = ("short", "medium", "long")


class Elements(NamedTuple):
    """The optical elements of an exposure, by the wheels that they are in."""

    filter: str | None = None
    pupil: str | None = None
    grating: str | None = None
    channel: str | None = None
    """Of MIRI's integral-field unit, `1` to `4`; and its band, `SHORT`, `MEDIUM` or `LONG`."""
    band: str | None = None


def given(value: object) -> object:
    """A value, or None where the lists have one of their words for nothing."""
    if isinstance(value, str):
        return None if value.strip() in _MISSING else value.strip()
    return None if isinstance(value, float) and math.isnan(value) else value


def elements(filters: str | None, instrument: str, name_elements: str | None = None) -> Elements:
    """The elements of the column `filters` (`CLEAR;PRISM`) of an instrument, with its mode or without.

    `name_elements` are those of a level-3 product's name (`ch1-long`): they alone tell the band of MIRI's
    integral-field unit, and stand for `filters` where a list has no such column.
    """
    if instrument == "MIRI/IFU" or (name_elements or "").startswith("ch"):
        return _spectrometer(filters or "", name_elements or "")
    # Names have sub-arrays and what lets everything pass beside the elements.
    named = [part for part in (name_elements or "").upper().split("-") if _ELEMENT.fullmatch(part)]
    parts = [part.strip() for part in filters.split(";") if part.strip()] if filters else named
    if instrument.startswith("NIRISS"):
        pupil = next((part for part in parts if part in _BLUE), None)
        others = [part for part in parts if part != pupil]
        return Elements(others[0] if others else "CLEAR" if pupil else None, pupil)
    grating = next((part for part in parts if _DISPERSER.fullmatch(part)), None)
    # A narrow filter is in the pupil wheel, behind a wide one.
    first, *more = [*sorted((part for part in parts if part != grating), key=_by_width), None]
    return Elements(first, more[0] if more else None, grating)


def _by_width(part: str) -> tuple[bool, str]:
    return not part.endswith("W"), part


def _spectrometer(filters: str, name_elements: str) -> Elements:
    channels = re.findall(r"ch(\d)", f"{filters} {name_elements}".lower())
    bands = [band for band in _BANDS if band in f"{filters} {name_elements}".lower()]
    return Elements(
        channel="".join(dict.fromkeys(channels)) or None, band=bands[0].upper() if len(bands) == 1 else None
    )


def mode(instrument: str, *, is_time_series: bool = False, is_calibration: bool = False) -> jwst.Mode:
    """The mode that a name of MAST's stands for: `MIRI/IMAGE`, or an instrument alone.

    Raises:
        UsageError: JWST has no such instrument.
    """
    name, _, rest = instrument.partition("/")
    if name not in {"MIRI", "NIRCAM", "NIRISS", "NIRSPEC", "FGS"} or not _MODE.fullmatch(rest):
        raise UsageError(f"instrument_name is “{instrument[:40]}”: JWST has no such instrument or mode")
    return jwst.Mode(name, rest or None, is_time_series, is_calibration)


def mjd(value: object, column: str) -> float | None:
    """A time of a list, a modified Julian date or an ISO 8601 date (UTC).

    Raises:
        UsageError: it is neither.
    """
    value = given(value)
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise UsageError(f"{column} is neither a date nor an MJD: “{str(value)[:40]}”") from None
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - _MJD_ZERO) / timedelta(days=1)


def file_name(uri: object) -> str | None:
    """The name of the file that a URI of MAST's or its download URL is of."""
    text = given(uri)
    return unquote(str(text)).rpartition("/")[2] or None if text is not None else None


class GuideStar(NamedTuple):
    """What the name of a guide star's file says."""

    exp_type: str
    end: float
    """When the file's data end, as a modified Julian date."""


def guide_star(name: jwst.ProductName) -> GuideStar | None:
    """What the name of a guide star's file says; None of other files."""
    found = re.search(r"_gs-([a-z]+\d?)_(?:\d{1,2}_)?(\d{13})", name.name)
    if name.kind != "guide-star" or found is None:
        return None
    try:
        moment = datetime.strptime(found[2], "%Y%j%H%M%S")  # noqa: DTZ007 -- UTC without zone
    except ValueError:
        raise UsageError(f"“{name.name}” has no time in its name") from None
    return GuideStar(f"FGS_{found[1].upper()}", (moment - _MJD_ZERO) / timedelta(days=1))


def guider(descriptions: Iterable[object]) -> str | None:
    """The detector that a description of a guide star's file names (`FGS1 guide star tracking`)."""
    for description in descriptions:
        found = re.match(r"FGS([12])", str(description))
        if found:
            return f"GUIDER{found[1]}"
    return None


def in_keywords(row: Mapping[str, object], name: jwst.ProductName) -> dict[str, object]:
    """What a row of observations says of a file of it, as a row of the keyword service (without `exp_type`).

    Raises:
        UsageError: a value cannot be understood.
    """
    moving = {"true": "MOVING", "false": "FIXED"}.get(str(row.get("mtFlag")).lower())
    parts = elements(_text(row, "filters"), _text(row, "instrument_name") or "", name.elements)
    return {
        "mast_uri": jwst.product_uri(name.name),
        "program": row.get("proposal_id"),
        **parts._asdict(),
        "targprop": given(row.get("target_name")),
        "targdesc": given(row.get("target_classification")),
        "targtype": moving,
        "category": given(row.get("proposal_type")),
        "pi_name": given(row.get("proposal_pi")),
        "title": given(row.get("obs_title")),
        "s_region": given(row.get("s_region")),
        "expstart": mjd(row.get("t_min"), "t_min"),
        "expend": mjd(row.get("t_max"), "t_max"),
        "effexptm": given(row.get("t_exptime")),
        "publicReleaseDate_mjd": mjd(row.get("t_obs_release"), "t_obs_release"),
    }


def _text(row: Mapping[str, object], column: str) -> str | None:
    value = given(row.get(column))
    return None if value is None else str(value)
