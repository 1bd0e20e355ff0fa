"""Discovery by parameters: SIA, SSA and cone search. Each becomes a query's tree, and goes the way of every query."""
