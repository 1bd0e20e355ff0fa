"""The demonstration's data: a small catalogue of facts, and a few files whose pixels are simulated."""

from pathlib import Path

KEYWORDS = Path(__file__).parent / "keywords.parquet"
"""A few thousand real products; see README.md for where the facts come from."""
