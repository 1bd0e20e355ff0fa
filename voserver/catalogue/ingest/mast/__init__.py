"""MAST's own lists: `voserver ingest products` (from files) and `voserver ingest mast` (a harvest of MAST itself).

Rows of MAST's catalogue (observations, their products, level-3 images) say less of a file than its header or the keyword
service do: they complete these, whichever comes first.
"""
