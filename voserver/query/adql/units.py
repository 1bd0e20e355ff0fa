"""Units (VOUnits 1.1): those of products and quotients, and the factors between them."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astropy.units import UnitBase

_LONGEST = 200  # characters of a unit
_SIMPLE = re.compile(r"[A-Za-z]+")
_PRODUCT = re.compile(r"[A-Za-z0-9.*+-]+")


def product(one: str | None, other: str | None) -> str | None:
    """The unit of a product; a bare factor changes none."""
    if not one or not other:
        return one or other
    return f"{_grouped(one, _PRODUCT)}.{_grouped(other, _PRODUCT)}"


def quotient(one: str | None, other: str | None) -> str | None:
    """The unit of a quotient; like units leave none."""
    if one == other or not other:
        return None if one == other else one
    if not one:
        return f"{other}**-1" if _SIMPLE.fullmatch(other) else f"({other})**-1"
    return f"{_grouped(one, _PRODUCT)}/{_grouped(other, _SIMPLE)}"


def _grouped(unit: str, pattern: re.Pattern[str]) -> str:
    return unit if pattern.fullmatch(unit) else f"({unit})"


@lru_cache(maxsize=1024)
def factor(unit: str, target: str) -> float:
    """What a number in one unit is multiplied by to be in another.

    Raises:
        ValueError: one of them is no unit, or they measure different things; says which.
    """
    source, wanted = _parse(unit), _parse(target)
    if not source.is_equivalent(wanted):
        message = f"{unit} ({source.physical_type}) cannot be converted to {target} ({wanted.physical_type})."
        raise ValueError(message)
    return float(source.to(wanted))


@lru_cache(maxsize=1024)
def spectral_factor(unit: str, target: str) -> tuple[float, bool]:
    """The factor between wavelengths, frequencies, wave numbers and energies; True if the number is inverted first.

    Raises:
        ValueError: one of them is no such unit; says which.
    """
    from astropy import units  # noqa: PLC0415 -- takes half a second, and few queries need it

    numbers = []
    for name in (unit, target):
        parsed = _parse(name)
        if not parsed.is_equivalent(units.m, equivalencies=units.spectral()):
            message = f"{name} ({parsed.physical_type}) is no unit of wavelength, frequency or energy."
            raise ValueError(message)
        numbers.append(parsed)
    source, wanted = numbers
    once, twice = (float(source.to(wanted, value, equivalencies=units.spectral())) for value in (1.0, 2.0))
    return once, twice < once


def _parse(unit: str) -> UnitBase:
    from astropy import units  # noqa: PLC0415 -- takes half a second, and few queries need it

    # astropy computes 10**999999999, and everything waits.
    if len(unit) > _LONGEST or re.search(r"\d{4}", unit):
        message = f"'{unit[:40]}' is not a unit of VOUnits that is read here."
        raise ValueError(message)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", units.UnitsWarning)  # of names that VOUnits would rather not see
        try:
            parsed = units.Unit(unit, format="vounit")
        except ValueError as error:
            message = f"'{unit[:40]}' is not a unit of VOUnits."
            close = re.search(r"Did you mean ([^?]*)\?", str(error))
            raise ValueError(message + (f" Did you mean {close[1]}?" if close else "")) from None
    if not isinstance(parsed, units.UnitBase):
        message = f"'{unit[:40]}' is a logarithmic unit, which is not converted."
        raise ValueError(message)  # noqa: TRY004 -- the caller wants to know of the text, not of its type
    return parsed
