"""CAOM documents, as archives exchange observations: XML of CAOM 2.3 to 2.5, to rows of the catalogue and back.

Elements have the same names as columns: `position/axis/axis1/ctype` is `position_axis_axis1_ctype`. So one list of
fields (`fields`) serves both directions. CADC's own package is under the AGPL, so nothing here needs it; it judges the
tests.
"""
