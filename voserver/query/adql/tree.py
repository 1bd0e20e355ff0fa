"""What a query says: the tree of an ADQL text, before any name in it means something.

Every node knows where it stands in the text (`at`, an offset), so that an error can point at it. Nothing here
knows tables, types or SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a query; `at` is the offset of its first telling character in the text."""

    at: int


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier: regular ones match in any case, delimited ones (`"…"`) as spelled (ADQL 2.1 §2.1.3)."""

    text: str
    delimited: bool = False


# ---- values


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as written, without a sign."""

    text: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A character string, unquoted."""

    text: str


@dataclass(frozen=True, slots=True)
class Null(Node):
    """NULL as a value."""


@dataclass(frozen=True, slots=True)
class ColumnReference(Node):
    """A column's name with whatever qualifies it: `obs_id`, `o.obs_id`, `ivoa.ObsCore.obs_id`."""

    parts: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """A chain of operators of one precedence, evaluated from the left: `first op value op value …`."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Sign(Node):
    """`+x` or `-x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A call of a function by its name in capitals, or of a user defined one as written."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """COUNT, AVG, MAX, MIN or SUM; no argument for `COUNT(*)`."""

    name: str
    distinct: bool
    argument: Expression | None


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """`CAST(operand AS target)`; `length` of CHAR(n) and VARCHAR(n)."""

    operand: Expression
    target: str
    length: int | None


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`CASE WHEN condition THEN value … ELSE value END`."""

    branches: tuple[tuple[Condition, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True, slots=True)
class SimpleCase(Node):
    """`CASE operand WHEN value THEN value … ELSE value END`."""

    operand: Expression
    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


Expression = (
    Number
    | Text
    | Null
    | ColumnReference
    | Operation
    | Sign
    | Function
    | Aggregate
    | Cast
    | Case
    | SimpleCase
)

# ---- conditions


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left operator right`; `!=` is written `<>`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`operand [NOT] BETWEEN low AND high`."""

    operand: Expression
    negated: bool
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class In(Node):
    """`operand [NOT] IN (…)`: values, or a query of one column."""

    operand: Expression
    negated: bool
    choices: tuple[Expression, ...] | Query


@dataclass(frozen=True, slots=True)
class Like(Node):
    """`operand [NOT] LIKE pattern`, or ILIKE."""

    operand: Expression
    negated: bool
    any_case: bool
    pattern: Expression


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """`operand IS [NOT] NULL`."""

    operand: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """`EXISTS (query)`."""

    query: Query


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`NOT condition`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Junction(Node):
    """Conditions that hold together (AND) or of which one holds (OR)."""

    operator: Literal["AND", "OR"]
    conditions: tuple[Condition, ...]


Condition = Comparison | Between | In | Like | IsNull | Exists | Not | Junction

# ---- tables


@dataclass(frozen=True, slots=True)
class NamedTable(Node):
    """A table, or the name of a WITH query."""

    parts: tuple[Name, ...]
    alias: Name | None


@dataclass(frozen=True, slots=True)
class DerivedTable(Node):
    """`(query) AS alias`."""

    query: Query
    alias: Name


@dataclass(frozen=True, slots=True)
class Join(Node):
    """Two tables joined; `kind` is INNER, LEFT, RIGHT, FULL or CROSS."""

    left: TableReference
    right: TableReference
    kind: str
    natural: bool
    condition: Condition | None
    using: tuple[Name, ...]


TableReference = NamedTable | DerivedTable | Join

# ---- queries


@dataclass(frozen=True, slots=True)
class Asterisk(Node):
    """`*`, or `table.*`."""

    qualifier: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectItem(Node):
    """A value of the select list, and its alias."""

    value: Expression
    alias: Name | None


@dataclass(frozen=True, slots=True)
class Select(Node):
    """SELECT … FROM … WHERE … GROUP BY … HAVING …."""

    distinct: bool
    top: int | None
    items: tuple[SelectItem | Asterisk, ...]
    tables: tuple[TableReference, ...]
    where: Condition | None
    group_by: tuple[Expression, ...]
    having: Condition | None


@dataclass(frozen=True, slots=True)
class SetOperation(Node):
    """UNION, EXCEPT or INTERSECT of two queries."""

    operator: str
    all: bool
    left: Select | SetOperation | Query
    right: Select | SetOperation | Query


@dataclass(frozen=True, slots=True)
class Sort(Node):
    """A term of ORDER BY."""

    value: Expression
    descending: bool


@dataclass(frozen=True, slots=True)
class Query(Node):
    """A query with its order and offset; `named` are the queries of WITH, at the top only."""

    body: Select | SetOperation | Query
    order_by: tuple[Sort, ...] = ()
    offset: int | None = None
    named: tuple[NamedQuery, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedQuery(Node):
    """A query of WITH: `name (columns) AS (query)`; no columns where it keeps the query's own."""

    name: Name
    columns: tuple[Name, ...]
    query: Query
