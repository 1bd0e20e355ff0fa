"""One row about a visit, checked: from the weekly schedules, or from a list of programs.

The schedules say of all visits when they are to be done; a list says of some what became of them, where they point,
how the instrument is set, and when they may be done.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from voserver.catalogue.ingest.passbands import Setup, passband
from voserver.model.errors import UsageError

Record = dict[str, object]
"""Values by column of archive.visit."""

Values = Mapping[str, object]

SCHEDULE = (
    "file",
    "visit_type",
    "start_time",
    "duration",
    "instrument",
    "program",
    "observation_num",
    "visit_num",
)
SCHEDULE_MORE = ("pcs_mode", "target", "category", "keywords", "parent_visit")
PROGRAMS = ("pid", "observation", "visit", "status", "instrument", "mode")
PROGRAMS_MORE = (
    *("category", "target", "target_in_program", "ra", "dec", "disperser", "filter", "subarray"),
    *("duration", "date_start", "date_end", "plan_window", "proprietary_period", "special_reqs"),
)
"""Columns: those that a row must have, and those that are read where they are."""

ATTACHED = "^ATTACHED TO PRIME^"
BESIDE = "COORDINATED PARALLEL"
_FIRST, _LAST = datetime(2021, 12, 25, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_REPORT = re.compile(r"report_(\d{8})\.txt", re.ASCII)
_DURATION = re.compile(r"(\d{1,3})/(\d{2}):(\d{2}):(\d{2})", re.ASCII)
_ANGLE = re.compile(r"([+-]?)(\d{1,3}):(\d{1,2}):(\d{1,2}(?:\.\d*)?)", re.ASCII)
_LONG = 500

_STATUSES = {
    "Executed": "Performed",
    "Implementation": "Planned",
    "Flight Ready": "Planned",
    "Scheduled": "Scheduled",
    "Skipped": "Aborted",
    "Failed": "Aborted",
    "Withdrawn": "Unscheduled",
    "Inactive": "Unscheduled",
    "On Hold (Inactive)": "Unscheduled",
}
"""ObsLocTAP's words (1.0 §3.3) for the states of a visit."""

_MODES = {
    "Imaging": "IMAGE",
    "Engineering Imaging": "IMAGE",
    "PIL Imaging": "IMAGE",
    "Fine Phasing": "IMAGE",
    "Time Series": "IMAGE",
    "Coronagraphic Imaging": "CORON",
    "Coronagraphic Photometric Calibration": "CORON",
    "Medium Resolution Spectroscopy": "IFU",
    "IFU Spectroscopy": "IFU",
    "Fixed Slit Spectroscopy": "SLIT",
    "Bright Object Time Series": "SLIT",
    "MultiObject Spectroscopy": "MSA",
    "Wide Field Slitless Spectroscopy": "WFSS",
    "Single-Object Slitless Spectroscopy": "SOSS",
    "Aperture Masking Interferometry": "AMI",
    "Grism Time Series": "GRISM",
    "BOTS": "SLIT",
    "SOSS": "SOSS",
    "LRS": "SLIT",
    "MRS": "IFU",
    "Imaging TS": "IMAGE",
    "GRISMR TS": "GRISM",
}
"""Modes as MAST calls them, by what templates and lists call them; a template may leave the mode open."""

_INSTRUMENTS = ("NIRCAM", "NIRISS", "NIRSPEC", "MIRI", "FGS")
_FIELDS = {"NIRCAM": 0.05, "NIRISS": 0.05, "NIRSPEC": 0.08, "MIRI": 0.035, "FGS": 0.05}
"""Diameters of the instruments' fields of view, in degrees."""


def text(values: Values, key: str) -> str | None:
    """A text that PostgreSQL holds, or None where there is none."""
    given = str(values.get(key) or "").strip()
    if len(given) > _LONG:
        raise UsageError(f"{key} has {len(given):,} characters, more than {_LONG}")
    if "\0" in given:
        raise UsageError(f"{key} has a NUL character")
    return given or None


def _whole(values: Values, key: str, most: int, *, least: int = 1) -> int:
    given = text(values, key) or ""
    if not (given.isascii() and given.isdecimal() and len(given) <= 9 and least <= int(given) <= most):
        raise UsageError(f"{key} is no number from {least} to {most:,}: “{given[:40]}”")
    return int(given)


def identity(program: int, observation: int, visit: int, part: int = 0) -> Record:
    """Which visit it is; `obs_id` is how the names of its exposures begin."""
    return {
        "program": program,
        "observation": observation,
        "visit": visit,
        "part": part,
        "obs_id": f"jw{program:05d}{observation:03d}{visit:03d}",
    }


def key_of(values: Values, names: tuple[str, str, str]) -> tuple[int, int, int]:
    """Program, observation and visit."""
    program, observation, visit = names
    return _whole(values, program, 99_999), _whole(values, observation, 999), _whole(values, visit, 999)


def parent_of(values: Values) -> tuple[int, int, int]:
    """The visit that a parallel one is attached to: `1538:17:1`."""
    given = text(values, "parent_visit") or ""
    parts = dict(zip(("program", "observation", "visit"), given.split(":"), strict=False))
    try:
        if given.count(":") == 2:
            return key_of(parts, ("program", "observation", "visit"))
    except UsageError as fault:
        raise UsageError(f"parent_visit “{given[:40]}”: {fault.message}") from None
    raise UsageError(f"parent_visit is not of the form program:observation:visit: “{given[:40]}”")


def report_of(values: Values) -> datetime:
    """The day of the report that a row is from, by its name."""
    name = text(values, "file") or ""
    found = _REPORT.search(name)
    return _moment("file", found[1] if found else name)


def _moment(key: str, given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{key} has no date: “{given[:40]}”") from None
    if not _FIRST <= moment <= _LAST:
        raise UsageError(f"{key} is no date of JWST's: “{given[:40]}”")
    return moment


def _naive(moment: datetime | None) -> datetime | None:
    """As the database keeps it: UTC without zone."""
    return None if moment is None else moment.replace(tzinfo=None)


def span(values: Values) -> tuple[datetime, datetime]:
    """From when to when a visit is scheduled that has a time of its own."""
    given = text(values, "duration") or ""
    duration = _DURATION.fullmatch(given)
    if duration is None:
        raise UsageError(f"duration is not of the form days/hours:minutes:seconds: “{given[:40]}”")
    days, hours, minutes, seconds = map(int, duration.groups())
    start = _moment("start_time", text(values, "start_time") or "")
    return start, start + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def instrument_name(template: str) -> str | None:
    """`NIRSPEC/IFU` for `NIRSpec IFU Spectroscopy`; the instrument alone where the mode is none of the sky's."""
    words = template.split()
    for word in words:
        if word.upper() in _INSTRUMENTS:
            instrument = word.upper()
            mode = _MODES.get(template.partition(word)[2].strip())
            if (instrument, mode) == ("NIRCAM", "WFSS"):
                mode = "GRISM"
            return f"{instrument}/{mode}" if mode else instrument
    return None


def scheduled(values: Values, key: Record, times: tuple[datetime, datetime]) -> Record:
    """What the schedule says of a visit."""
    template = text(values, "instrument")
    return {
        **key,
        "report": report_of(values).date(),
        "visit_type": text(values, "visit_type"),
        "template": template,
        "scheduled_instrument": instrument_name(template or ""),
        "scheduled_target": text(values, "target"),
        "target_category": text(values, "category"),
        "target_keywords": text(values, "keywords"),
        "parent_visit": text(values, "parent_visit"),
        "is_moving": "MOVING" in {text(values, "pcs_mode"), *(text(values, "visit_type") or "").split()},
        "scheduled_start": _naive(times[0]),
        "scheduled_end": _naive(times[1]),
    }


def listed(values: Values) -> Record:
    """What a list of programs says of a visit."""
    status = text(values, "status") or ""
    if status not in _STATUSES:
        raise UsageError(f"status is none of {', '.join(_STATUSES)}: “{status[:40]}”")
    start, end = (_date(values, name) for name in ("date_start", "date_end"))
    if (start is None) != (end is None):
        raise UsageError("date_start and date_end must come together")
    if start and end and end < start:
        raise UsageError("date_end is before date_start")
    if start is None and _STATUSES[status] in {"Performed", "Scheduled"}:
        raise UsageError(f"status is {status}, but date_start is missing")
    window_start, window_end = _window(values)
    hours = _number(values, "duration")
    requirements = text(values, "special_reqs") or ""
    return {
        **identity(*key_of(values, ("pid", "observation", "visit"))),
        "listed_target": text(values, "target_in_program") or text(values, "target"),
        "list_status": _STATUSES[status],
        "listed_start": _naive(start),
        "listed_end": _naive(end),
        "window_start": _naive(window_start),
        "window_end": _naive(window_end),
        "planned_time": None if hours is None else hours * 3600,
        "is_time_critical": "PeriodZeroPhase" in requirements,
        "program_category": text(values, "category"),
        "exclusive_months": _whole(values, "proprietary_period", 99, least=0)
        if text(values, "proprietary_period")
        else None,
        **_set_up(values),
    }


def _date(values: Values, key: str) -> datetime | None:
    given = text(values, key)
    return None if given is None else _moment(key, given)


def _number(values: Values, key: str) -> float | None:
    given = text(values, key)
    if given is None:
        return None
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not 0 <= number < 1e6:
        raise UsageError(f"{key} is no number from 0 on: “{given[:40]}”")
    return number


def _window(values: Values) -> tuple[datetime | None, datetime | None]:
    """When a visit may be done: from a day to the end of another, `2026-11-29 - 2026-11-30`."""
    given = text(values, "plan_window")
    if given is None or given == "not yet assigned":
        return None, None
    first, dash, last = given.partition(" - ")
    if not dash:
        raise UsageError(f"plan_window is not of the form day - day: “{given[:40]}”")
    start, end = _moment("plan_window", first), _moment("plan_window", last) + timedelta(days=1)
    if end <= start:
        raise UsageError(f"plan_window ends before it begins: “{given[:40]}”")
    return start, end


def _angle(values: Values, key: str, unit: float, most: float) -> float | None:
    given = text(values, key)
    if given is None:
        return None
    parts = _ANGLE.fullmatch(given)
    if parts is None or int(parts[3]) >= 60 or float(parts[4]) > 60:
        raise UsageError(f"{key} is not sexagesimal: “{given[:40]}”")
    degrees = unit * (int(parts[2]) + int(parts[3]) / 60 + float(parts[4]) / 3600)
    if degrees > most:
        raise UsageError(f"{key} is beyond {most:g} degrees: “{given[:40]}”")
    return -degrees if parts[1] == "-" else degrees


def _set_up(values: Values) -> Record:
    """Instrument, position and wavelengths."""
    instrument = (text(values, "instrument") or "").upper()
    if instrument not in _INSTRUMENTS:
        raise UsageError(f"instrument is none of {', '.join(_INSTRUMENTS)}: “{instrument[:40]}”")
    mode = _MODES.get(text(values, "mode") or "", "")
    is_prism = text(values, "mode") == "LRS"
    if is_prism and text(values, "subarray") == "SLITLESSPRISM":
        mode = "SLITLESS"
    # Of two elements the later one is that of the longer wavelengths, whose detector has the spectrum.
    element, disperser = ((text(values, name) or "").split(",")[-1] for name in ("filter", "disperser"))
    band = passband(
        Setup(
            instrument,
            mode,
            "P750L" if is_prism else element,
            grating=disperser if instrument == "NIRSPEC" else "",
        )
    )
    ra, dec = _angle(values, "ra", 15, 360), _angle(values, "dec", 1, 90)
    if (ra is None) != (dec is None) or (ra is not None and ra < 0):
        raise UsageError("ra and dec must come together, and ra is not negative")
    field = _FIELDS[instrument]
    return {
        "listed_instrument": f"{instrument}/{mode}" if mode else instrument,
        "s_ra": ra,
        "s_dec": dec,
        "s_fov": field,
        "s_region": None if ra is None else f"Circle ICRS {ra!r} {dec!r} {field / 2!r}",
        "em_min": band.lower,
        "em_max": band.upper,
        "em_res_power": band.resolving_power,
    }
