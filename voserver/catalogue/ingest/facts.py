"""One row of the keyword service, checked: every value is what it should be, or there is a reason why not."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from voserver.catalogue.ingest.passbands import Setup
from voserver.model import jwst
from voserver.model.errors import UsageError

REQUIRED = ("true_filename", "exp_type", "program")
"""Columns without which nothing can be said."""

COLUMNS = (
    *REQUIRED,
    "fileSize",
    *(
        "mast_uri",
        "productLevel",
        "detector",
        "channel",
        "band",
        "module",
        "subarray",
        "filter",
        "pupil",
        "grating",
    ),
    *(
        "targname",
        "targprop",
        "targ_ra",
        "targ_dec",
        "targtype",
        "targdesc",
        "category",
        "scicat",
        "pi_name",
        "title",
    ),
    *("visit_id", "visitgrp", "seq_id", "act_id", "exposure", "visitsta"),
    *("expstart", "expend", "effexptm", "readpatt", "tsovisit", "s_region", "orig_s_region"),
    *("asntable", "cal_ver", "crds_ctx", "sdp_ver", "checksum", "publicReleaseDate_mjd", "release"),
    "access_url",
)
"""All columns that are read; `access_url` is ours, for files that this server holds itself."""

_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC).replace(tzinfo=None)
_LAUNCH, _HORIZON = 59_573.0, 88_069.0  # 2021-12-25, 2100-01-01
_CHECKSUM = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LONG = 500
"""No more characters are taken of a text, but of those below: PostgreSQL's indexes take 2,704 bytes."""
_LONGEST = {
    "true_filename": 255,
    **dict.fromkeys(("title", "targdesc", "access_url"), 10_000),
    **dict.fromkeys(("s_region", "orig_s_region"), 1_000_000),
}
_MISSING = frozenset({"", "None", "null", "NULL", "N/A", "nan", "NaN"})


class Facts(NamedTuple):
    """What one row says of one file."""

    name: jwst.ProductName
    uri: str
    mode: jwst.Mode
    setup: Setup
    size: int | None
    checksum: str | None
    start: float | None
    end: float | None
    exposure_time: float | None
    meta_release: datetime | None
    """When the metadata became public: JWST's are as soon as the exposure ends."""
    release: datetime | None
    target_ra: float | None
    target_dec: float | None
    footprint: str | None
    text: Mapping[str, str | None]
    """The remaining columns, as they are."""


def timestamp(mjd: float) -> datetime:
    """An instant of UTC, to the millisecond."""
    return _MJD_ZERO + timedelta(milliseconds=round(mjd * 86_400_000))


def check(values: Mapping[str, object]) -> Facts:
    """The row's facts.

    Raises:
        UsageError: a value that cannot be true; the message says which and why.
    """
    file_name = _text(values, "true_filename")
    if file_name is None:
        raise UsageError("true_filename is missing")
    name = jwst.parse(file_name)
    if name.kind in {"association", "pool", "msa"}:
        raise UsageError(f"“{file_name}” serves many observations, and the row does not say which")
    if not name.extension:
        raise UsageError(f"true_filename “{file_name}” is the name of an observation, not of a file")
    exp_type = _text(values, "exp_type")
    if exp_type is None:
        raise UsageError("exp_type is missing")
    mode = jwst.mode_of(exp_type, _text(values, "detector"))
    _check_program(values, name)
    _check_instrument(name, mode)
    return described(values, name, mode)


def described(values: Mapping[str, object], name: jwst.ProductName, mode: jwst.Mode) -> Facts:
    """What is said of a file whose name and mode are known.

    Raises:
        UsageError: a value that cannot be true; the message says which and why.
    """
    start, end = _times(values)
    text = _texts(values)
    ra, dec = _position(values)
    return Facts(
        name=name,
        uri=_uri(values, name),
        mode=mode,
        setup=_setup(mode, text),
        size=_size(values),
        checksum=_checksum(values),
        start=start,
        end=end,
        exposure_time=_exposure_time(values),
        meta_release=None if end is None else timestamp(end),
        release=_release(values),
        target_ra=ra,
        target_dec=dec,
        footprint=_text(values, "orig_s_region") or _text(values, "s_region"),
        text={**text, "exp_type": _text(values, "exp_type")},
    )


_TEXTS = (
    *(
        "detector",
        "channel",
        "band",
        "module",
        "subarray",
        "filter",
        "pupil",
        "grating",
        "targname",
        "targprop",
    ),
    *(
        "targtype",
        "targdesc",
        "category",
        "scicat",
        "pi_name",
        "title",
        "act_id",
        "visitsta",
        "readpatt",
        "tsovisit",
    ),
    *(
        "asntable",
        "cal_ver",
        "crds_ctx",
        "sdp_ver",
        "visit_id",
        "visitgrp",
        "seq_id",
        "exposure",
        "access_url",
    ),
)


def _text(values: Mapping[str, object], key: str) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    if "\0" in text:
        raise UsageError(f"{key} has a NUL character")
    text = text.strip()
    longest = _LONGEST.get(key, _LONG)
    if len(text) > longest:
        raise UsageError(f"{key} has {len(text):,} characters, more than {longest:,}")
    return None if text in _MISSING else text


def _texts(values: Mapping[str, object]) -> dict[str, str | None]:
    """All of `_TEXTS`. Short ones repeat from row to row, and are remembered."""
    found: dict[str, str | None] = {}
    for key in _TEXTS:
        value = values.get(key)
        if type(value) is str and value in _cleaned:
            found[key] = _cleaned[value]
            continue
        found[key] = text = _text(values, key)
        if type(value) is str and len(value) <= _SHORT:
            if len(_cleaned) >= _MOST:
                _cleaned.clear()
            _cleaned[value] = text
    return found


_SHORT, _MOST = 100, 65_536
_cleaned: dict[str, str | None] = {}


def _number(values: Mapping[str, object], key: str) -> float | None:
    value = values.get(key)
    if value is None or value == "":
        return None
    try:
        number = float(value if isinstance(value, int | float) else str(value))
    except ValueError:
        raise UsageError(f"{key} is not a number: “{str(value)[:40]}”") from None
    if not math.isfinite(number):
        raise UsageError(f"{key} is not a finite number: {number}")
    return number


def _integer(values: Mapping[str, object], key: str) -> int | None:
    number = _number(values, key)
    if number is None:
        return None
    if number != int(number):
        raise UsageError(f"{key} is not a whole number: {number}")
    return int(number)


def _check_program(values: Mapping[str, object], name: jwst.ProductName) -> None:
    program = _integer(values, "program")
    if program is None:
        raise UsageError("program is missing")
    if program != name.program:
        raise UsageError(f"program is {program:.6g}, but the file's name says {name.program}")


def _check_instrument(name: jwst.ProductName, mode: jwst.Mode) -> None:
    if name.instrument not in {None, mode.instrument}:
        raise UsageError(f"exp_type is of {mode.instrument}, but the file's name says {name.instrument}")


def _uri(values: Mapping[str, object], name: jwst.ProductName) -> str:
    expected = jwst.product_uri(name.name)
    given = _text(values, "mast_uri")
    if given not in {None, expected}:
        raise UsageError(f"mast_uri is “{str(given)[:120]}”, but the file's would be {expected}")
    return expected


def _size(values: Mapping[str, object]) -> int | None:
    size = _integer(values, "fileSize")
    if size is not None and not 0 <= size < 2**53:
        raise UsageError(f"fileSize is not a number of bytes: {size:.6g}")
    return size


def _checksum(values: Mapping[str, object]) -> str | None:
    checksum = _text(values, "checksum")
    if checksum is None:
        return None
    if not _CHECKSUM.fullmatch(checksum.lower()):
        raise UsageError(f"checksum is not an MD5 sum of 32 hexadecimal digits: “{checksum[:40]}”")
    return f"md5:{checksum.lower()}"


def _times(values: Mapping[str, object]) -> tuple[float | None, float | None]:
    start, end = _number(values, "expstart"), _number(values, "expend")
    for key, mjd in (("expstart", start), ("expend", end)):
        if mjd is not None and not _LAUNCH <= mjd <= _HORIZON:
            raise UsageError(f"{key} is no date of JWST's (MJD {mjd})")
    if start is not None and end is not None and end < start:
        raise UsageError(f"expend (MJD {end}) is before expstart (MJD {start})")
    return start, end


def _exposure_time(values: Mapping[str, object]) -> float | None:
    seconds = _number(values, "effexptm")
    if seconds is not None and seconds < 0:
        raise UsageError(f"effexptm is negative: {seconds}")
    return seconds


def _release(values: Mapping[str, object]) -> datetime | None:
    mjd = _number(values, "publicReleaseDate_mjd")
    if mjd is not None:
        if not _LAUNCH <= mjd <= _HORIZON:
            raise UsageError(f"publicReleaseDate_mjd is no date of JWST's (MJD {mjd})")
        return timestamp(mjd)
    given = _text(values, "release")
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
        if moment.tzinfo:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise UsageError(f"release is not a date: “{given[:40]}”") from None
    if not timestamp(_LAUNCH) <= moment <= timestamp(_HORIZON):
        raise UsageError(f"release is no date of JWST's: “{given[:40]}”")
    return moment


def _position(values: Mapping[str, object]) -> tuple[float | None, float | None]:
    ra, dec = _number(values, "targ_ra"), _number(values, "targ_dec")
    if (ra is None) != (dec is None):
        raise UsageError("targ_ra and targ_dec must come together")
    if ra is not None and not 0 <= ra <= 360:
        raise UsageError(f"targ_ra is outside 0 to 360 degrees: {ra}")
    if dec is not None and not -90 <= dec <= 90:
        raise UsageError(f"targ_dec is outside -90 to 90 degrees: {dec}")
    return ra, dec


def _setup(mode: jwst.Mode, text: Mapping[str, str | None]) -> Setup:
    channel = (text["channel"] or "").removesuffix(".0")
    spectrometer = mode.instrument == "MIRI" and mode.mode == "IFU"
    return Setup(
        instrument=mode.instrument,
        mode=mode.mode or "",
        optical_filter=_element(text["filter"]),
        pupil=_element(text["pupil"]),
        grating=_element(text["grating"]),
        channel=channel if spectrometer else "",
        band=(text["band"] or "") if spectrometer else "",
    )


_PREFIX = re.compile(r"^(?:MI|NC|NI|NR)\.")
_PUPIL_NAMED_FILTER = re.compile(r"^(F\d{3}[WMN])P$")


def _element(given: str | None) -> str:
    """A filter's own name: some lists write `NC.F444W.F470N` (with the pupil), `NI.F277WP` (pupil wheel)."""
    if given is None:
        return ""
    name = _PREFIX.sub("", given).split(".")[0]
    name = _PUPIL_NAMED_FILTER.sub(r"\1", name)
    return "" if name in _MISSING else "CLEAR" if name == "CLEARP" else name
