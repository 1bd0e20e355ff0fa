"""How much of a plan's cost is for searches on the sky that the planner overrates.

Of a search in the index of positions or footprints, made once for each row of another table, the planner expects a
fixed part of the whole index, as it knows nothing of the sky. What a join then costs is mostly made up.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_NODE = re.compile(
    r"^(?P<indent> *)(?:->  )?(?P<name>.*?)  \(cost=[0-9.]+\.\.(?P<cost>[0-9.]+) rows=(?P<rows>[0-9]+) width="
)
_BESIDE = re.compile(r"^(?P<indent> *)(?:InitPlan|SubPlan|CTE) ")
_CONDITION = re.compile(r"^ *Index Cond: (?P<condition>.*(?:<@|@>|&&).*)")
_TEXT = re.compile("'(?:[^']|'')*'")
_OF_ANOTHER = re.compile(r"""(?:\b[a-z_]\w*|"[^"]+")\.(?:[a-z_]\w*\b|"[^"]+")(?!\()""")
"""A column with its table: a condition on an index names the columns of its own table alone."""


@dataclass
class _Node:
    """A step of a plan. The steps whose rows it takes are its inputs."""

    name: str
    indent: int
    cost: float
    rows: float
    parent: "_Node | None"
    inputs: list["_Node"] = field(default_factory=list)
    joins_on_the_sky: bool = False

    def repeated(self) -> float:
        """The cost of this step where a join repeats it for each row of another."""
        node = self
        while node.name and node.parent is not None:
            join = node.parent
            if join.name.startswith("Nested Loop") and join.inputs[0] is not node:
                return join.inputs[0].rows * join.inputs[1].cost
            node = join
        return 0.0


def overrated_share(lines: Iterable[str]) -> float:
    """The part of a plan's cost, from 0 to 1, that is for searches on the sky repeated for each row of a table.

    Args:
        lines: of PostgreSQL's plan as text.
    """
    nodes = list(_nodes(lines))
    # Not the plan's own cost: a limit on the rows makes that smaller than that of the steps below.
    whole = max((node.cost for node in nodes), default=0.0)
    overrated = sum(node.repeated() for node in nodes if node.joins_on_the_sky)
    return min(1.0, overrated / whole) if whole else 0.0


def _nodes(lines: Iterable[str]) -> Iterator[_Node]:
    """The steps of a plan, each of which is indented more than the one that it belongs to."""
    node: _Node | None = None
    for line in lines:
        if found := _NODE.match(line):
            indent = len(found["indent"])
            node = _Node(
                found["name"], indent, float(found["cost"]), float(found["rows"]), _above(node, indent)
            )
            if node.parent is not None:
                node.parent.inputs.append(node)
            yield node
        elif found := _BESIDE.match(line):
            # What follows is computed beside the step above; its rows are no input of it.
            indent = len(found["indent"])
            node = _Node("", indent, 0.0, 1.0, _above(node, indent))
        elif node is not None and (found := _CONDITION.match(line)):
            node.joins_on_the_sky = bool(_OF_ANOTHER.search(_TEXT.sub("", found["condition"])))


def _above(node: _Node | None, indent: int) -> _Node | None:
    while node is not None and node.indent >= indent:
        node = node.parent
    return node
