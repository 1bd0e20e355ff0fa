"""Wavelengths of real set-ups."""

import pytest

from voserver.catalogue.ingest.passbands import Setup, bandpass_name, passband, pixel_scale


@pytest.mark.parametrize(
    ("setup", "name", "lower", "upper", "power"),
    [
        (Setup("MIRI", "IMAGE", "F770W"), "F770W", 6.6, 8.8, 3.5),
        (Setup("MIRI", "IMAGE", "F1130W"), "F1130W", 10.95, 11.65, 16.143),
        (Setup("MIRI", "IFU", channel="1", band="SHORT"), "CH1-SHORT", 4.9, 5.74, 3515),
        (Setup("MIRI", "IFU", channel="12", band="LONG"), "CH12-LONG", 6.53, 11.7, 3235),
        (Setup("MIRI", "SLIT", "P750L"), "P750L", 5.0, 14.0, 100),
        (Setup("NIRCAM", "IMAGE", "F444W", "F405N"), "F405N;F444W", 4.028, 4.074, 88.065),
        (Setup("NIRCAM", "IMAGE", "F200W", "CLEAR"), "F200W", 1.755, 2.227, 4.218),
        (Setup("NIRCAM", "IMAGE", "F212N", "WLM8"), "F212N;WLM8", 2.109, 2.134, 84.86),
        (Setup("NIRCAM", "GRISM", "F444W", "GRISMR"), "F444W;GRISMR", 3.881, 4.982, 1559.5),
        (Setup("NIRISS", "WFSS", "F200W", "F200W"), "F200W", 1.751, 2.226, 150),
        (Setup("NIRISS", "SOSS", "CLEAR", "GR700XD"), "GR700XD", 0.6, 2.8, 900),
        (Setup("NIRSPEC", "MSA", "CLEAR", grating="PRISM"), "CLEAR;PRISM", 0.6, 5.3, 180),
        (Setup("NIRSPEC", "IFU", "F290LP", grating="G395H"), "F290LP;G395H", 2.87, 5.14, 2772.5),
        (Setup("FGS", "FGS1"), None, 0.6, 5.0, 0.636),
    ],
)
def test_a_set_up_has_its_wavelengths(
    setup: Setup, name: str | None, lower: float, upper: float, power: float
) -> None:
    band = passband(setup)
    assert band.name == name
    assert (band.lower, band.upper) == pytest.approx((lower * 1e-6, upper * 1e-6))
    assert band.resolving_power == pytest.approx(power, abs=0.001)


def test_an_unknown_element_keeps_its_name_and_has_no_wavelengths() -> None:
    band = passband(Setup("MIRI", "IMAGE", "FLENS"))
    assert (band.name, band.lower, band.upper, band.resolving_power) == ("FLENS", None, None, None)


def test_the_spectrometers_detector_without_channel_keeps_its_band() -> None:
    assert bandpass_name(Setup("MIRI", "IFU", band="SHORT")) == "SHORT"


def test_pixels_have_their_scale() -> None:
    assert pixel_scale(Setup("NIRCAM", "IMAGE", "F090W"), "2b") == 0.031
    assert pixel_scale(Setup("NIRCAM", "IMAGE", "F444W"), "2b") == 0.063
    assert pixel_scale(Setup("MIRI", "IFU", channel="4", band="LONG"), "3") == 0.35
