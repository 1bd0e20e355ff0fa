"""Keywords of JWST's FITS headers, as a row of the keyword service: the same rules make facts of both.

Other than a row, a header that says something that cannot be true costs the file only that: what else it says is
taken, and a remark tells what was left out.
"""

from collections.abc import Mapping, Sequence

from voserver.catalogue.cutouts.cards import Value
from voserver.catalogue.cutouts.structure import Unit
from voserver.catalogue.ingest.facts import Facts, described
from voserver.model import jwst
from voserver.model.errors import UsageError

_MISSING = frozenset({"", "N/A", "NA", "NULL", "NONE", "UNKNOWN", "UNDEFINED", "INDEF"})

_KEYWORDS: dict[str, tuple[str, ...]] = {
    "exp_type": ("EXP_TYPE",),
    "program": ("PROGRAM",),
    "detector": ("DETECTOR",),
    "channel": ("CHANNEL",),
    "band": ("BAND",),
    "module": ("MODULE",),
    "subarray": ("SUBARRAY",),
    "filter": ("FILTER",),
    "pupil": ("PUPIL",),
    "grating": ("GRATING",),
    "targname": ("TARGNAME",),
    "targprop": ("TARGPROP",),
    "targ_ra": ("TARG_RA",),
    "targ_dec": ("TARG_DEC",),
    "targtype": ("TARGTYPE",),
    "targdesc": ("TARGDESC",),
    "category": ("CATEGORY",),
    "scicat": ("SCICAT",),
    "pi_name": ("PI_NAME",),
    "title": ("TITLE",),
    "visit_id": ("VISIT_ID",),
    "visitgrp": ("VISITGRP",),
    "seq_id": ("SEQ_ID",),
    "act_id": ("ACT_ID",),
    "exposure": ("EXPOSURE",),
    "visitsta": ("VISITSTA",),
    "expstart": ("EXPSTART", "MJD-BEG"),
    "expend": ("EXPEND", "MJD-END"),
    "effexptm": ("EFFEXPTM", "XPOSURE"),
    "readpatt": ("READPATT",),
    "tsovisit": ("TSOVISIT",),
    "asntable": ("ASNTABLE",),
    "cal_ver": ("CAL_VER",),
    "crds_ctx": ("CRDS_CTX",),
    "sdp_ver": ("SDP_VER",),
}
"""The keyword service's columns, and the keywords that they come from, the best first."""

_LONG = 500
_TOGETHER = (("targ_ra", "targ_dec"), ("expstart", "expend"))
_LONGEST_FOOTPRINT = 1_000_000


class Keywords:
    """The values of a file's headers: of the primary one, or else of the first extension that has the keyword."""

    def __init__(self, headers: Sequence[Mapping[str, Value]]) -> None:
        self._headers = headers

    @classmethod
    def of(cls, units: Sequence[Unit]) -> "Keywords":
        """Those of a file."""
        return cls([unit.cards.values for unit in units])

    def first(self, *names: str) -> Value | None:
        """The value of the first of these keywords that anything is said under."""
        for name in names:
            for header in self._headers:
                value = header.get(name)
                if value is not None and not (isinstance(value, str) and _says_nothing(value)):
                    return value.strip() if isinstance(value, str) else value
        return None

    def text(self, *names: str) -> str | None:
        """The same as text, of which so much is taken as a line holds."""
        value = self.first(*names)
        return None if value is None else str(value)[:_LONG]

    def footprint(self) -> str | None:
        """The footprints of all extensions: a file of many slits has one for each."""
        given = dict.fromkeys(str(header.get("S_REGION", "")).strip() for header in self._headers)
        joined = " ".join(one for one in given if one)
        return joined if 0 < len(joined) <= _LONGEST_FOOTPRINT else None

    def row(self) -> dict[str, object]:
        """What the keyword service would say; without what it would not."""
        row: dict[str, object] = {name: self.first(*keywords) for name, keywords in _KEYWORDS.items()}
        row["s_region"] = self.footprint()
        return {name: value for name, value in row.items() if value is not None}


def _says_nothing(value: str) -> bool:
    """Whether a text stands for a missing value; what begins with # was never filled in."""
    return value.strip().upper() in _MISSING or value.startswith("#")


def facts(name: jwst.ProductName, keywords: Keywords) -> tuple[Facts, list[str]]:
    """What the header of a file of this name says, and remarks on what it should not have said, or did not."""
    row = keywords.row()
    mode, remarks = _mode(name, row)
    program = row.pop("program", None)
    if program is not None and str(program).strip().lstrip("0") != str(name.program):
        remarks.append(f"PROGRAM is {str(program)[:20]!r}, but the name says {name.program}: the name counts")
    found, more = believable(row, name, mode)
    own = keywords.text("FILENAME")
    if own and own != name.name:
        remarks.append(f"FILENAME is {own[:120]!r}: was the file renamed?")
    return found, remarks + more


def _mode(name: jwst.ProductName, row: Mapping[str, object]) -> tuple[jwst.Mode, list[str]]:
    given = row.get("exp_type")
    unknown = jwst.Mode(name.instrument or "", None, is_time_series=False, is_calibration=False)
    if given is None:
        return unknown, ["EXP_TYPE is missing: what kind of data these are is not known"]
    try:
        mode = jwst.mode_of(str(given), str(row.get("detector", name.detector or "")))
    except UsageError as fault:
        return unknown, [f"EXP_TYPE: {fault.message}"]
    if name.instrument not in {None, mode.instrument}:
        return unknown, [
            f"EXP_TYPE is of {mode.instrument}, but the name says {name.instrument}: the name counts"
        ]
    return mode, []


def believable(row: Mapping[str, object], name: jwst.ProductName, mode: jwst.Mode) -> tuple[Facts, list[str]]:
    """The facts of a row without what cannot be true, and remarks on that."""
    try:
        return described(row, name, mode), []
    except UsageError:
        pass
    pairs = [pair for pair in _TOGETHER if any(key in row for key in pair)]
    paired = {key for pair in pairs for key in pair}
    taken: dict[str, object] = {}
    remarks: list[str] = []
    for group in (*pairs, *((key,) for key in row if key not in paired)):
        some = {key: row[key] for key in group if key in row}
        try:
            described({**taken, **some}, name, mode)
        except UsageError as fault:
            remarks.append(f"{fault.message}: left out")
        else:
            taken |= some
    return described(taken, name, mode), remarks
