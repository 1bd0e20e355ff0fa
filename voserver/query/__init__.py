"""Meaning: ADQL text or parameters → a checked tree → SQL and the columns of the result.

Knows no HTTP and no format.
"""
