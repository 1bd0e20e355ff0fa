"""Categories of JWST's observing programs, and for how long the data of each are its own people's."""

CATEGORIES = {
    "CAL": "Calibration",
    "COM": "Commissioning",
    "DD": "Director's Discretionary",
    "ENG": "Engineering",
    "ERO": "Early Release Observations",
    "ERS": "Early Release Science",
    "GO": "General Observers",
    "GTO": "Guaranteed Time Observers",
    "SURVEY": "Survey",
}
"""The default period of each is the database's word (`archive.default_months`), for rows that come in."""

LONGEST_MONTHS = 120
