"""Bringing facts into the catalogue: rows of MAST's keyword service become CAOM, in bulk, again and again."""
