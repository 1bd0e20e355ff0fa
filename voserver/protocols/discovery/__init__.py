"""Discovery by parameters: SIA, SSA and cone search. Each becomes a query of ADQL, and goes the way of every query."""
