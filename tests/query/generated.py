"""Trees of ADQL, at random: of any names, or of those of published tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from voserver.query.adql import tree
from voserver.query.adql.functions import FUNCTIONS
from voserver.query.adql.geometry_functions import GEOMETRY
from voserver.query.adql.user_functions import USER_FUNCTIONS

T = TypeVar("T")

AT = 0  # a generated tree stands nowhere
FUNCTION_NAMES = sorted(
    {*FUNCTIONS, *GEOMETRY, *USER_FUNCTIONS, "COALESCE", "NULLIF", "IN_UNIT", "FROBNICATE"}
)
TARGETS = [
    "INTEGER",
    "SMALLINT",
    "BIGINT",
    "REAL",
    "DOUBLE",
    "CHAR",
    "VARCHAR",
    "TIMESTAMP",
    "POINT",
    "CIRCLE",
]
NUMBERS = ["0", "1", "2", "3.5", ".5", "12.", "1e3", "2E-2", "2147483648", "359.9"]
TEXTS = [
    "",
    "x",
    "it's",
    "a%_",
    "\\",
    "--",
    '"',
    "ü",
    "2024-01-01",
    "ICRS",
    "GALACTIC",
    "arcsec",
    "1 2",
    "1 2 3",
]


class Generator:
    """Trees, from a source of randomness; deeper ones are rarer.

    `tables` are the names of tables with those of their columns; without them names are made up.
    """

    def __init__(self, random: Random, tables: Sequence[tuple[str, Sequence[str]]] = ()) -> None:
        self.random = random
        self.tables = tables
        self.columns: list[str] = []

    def one(self, *choices: Callable[[int], T], depth: int) -> T:
        """What one of the choices makes."""
        return self.random.choice(choices)(depth - 1)

    def several(self, make: Callable[[int], T], depth: int, least: int = 0, most: int = 3) -> tuple[T, ...]:
        """Some of what is made."""
        return tuple(make(depth) for _ in range(self.random.randint(least, most)))

    def maybe(self, make: Callable[[int], T], depth: int) -> T | None:
        """It, or nothing."""
        return make(depth) if self.random.random() < 0.4 else None

    def flag(self) -> bool:
        """Yes or no."""
        return self.random.random() < 0.3

    # ---- names

    def name(self, _depth: int = 0) -> tree.Name:
        """A name that is made up."""
        if self.flag():
            text = "".join(self.random.choice('ab "%é;-') for _ in range(self.random.randint(1, 5)))
            return tree.Name(AT, text, delimited=True)
        return tree.Name(AT, "n" + "".join(self.random.choice("abcxyz_019") for _ in range(3)))

    def column(self, depth: int = 0) -> tree.ColumnReference:
        """A column: one of those that the query has, if it has."""
        if self.columns:
            parts = [tree.Name(AT, part) for part in self.random.choice(self.columns).split(".")]
            return tree.ColumnReference(AT, tuple(parts))
        return tree.ColumnReference(AT, self.several(self.name, depth, 1))

    # ---- values

    def value(self, depth: int) -> tree.Expression:
        """Any value."""
        simple: tuple[Callable[[int], tree.Expression], ...] = (
            self.column, self.column, self.number, self.text, lambda _: tree.Null(AT),
        )  # fmt: skip
        if depth <= 0:
            return self.one(*simple, depth=depth)
        return self.one(
            *simple, self.operation, self.sign, self.function, self.function, self.aggregate, self.cast, self.case,
            self.simple_case,
            depth=depth,
        )  # fmt: skip

    def number(self, _depth: int) -> tree.Number:
        """A number."""
        return tree.Number(AT, self.random.choice(NUMBERS))

    def text(self, _depth: int) -> tree.Text:
        """A text."""
        return tree.Text(AT, self.random.choice(TEXTS))

    def operation(self, depth: int) -> tree.Operation:
        """Operators of one precedence."""
        signs = self.random.choice(["+-", "*/", ("||",)])
        rest = self.several(lambda deep: (self.random.choice(signs), self.value(deep)), depth, 1, 2)
        return tree.Operation(AT, self.value(depth), rest)

    def sign(self, depth: int) -> tree.Sign:
        """A sign."""
        return tree.Sign(AT, self.random.choice("+-"), self.value(depth))

    def function(self, depth: int) -> tree.Function:
        """A call; half of the time of a shape."""
        if self.flag():
            return tree.Function(AT, "POINT", (self.number(depth), self.number(depth)))
        return tree.Function(AT, self.random.choice(FUNCTION_NAMES), self.several(self.value, depth))

    def aggregate(self, depth: int) -> tree.Aggregate:
        """An aggregate."""
        name = self.random.choice(["COUNT", "SUM", "AVG", "MIN", "MAX"])
        argument = None if name == "COUNT" and self.flag() else self.value(depth)
        return tree.Aggregate(AT, name, argument is not None and self.flag(), argument)

    def cast(self, depth: int) -> tree.Cast:
        """A cast."""
        target = self.random.choice(TARGETS)
        length = self.random.randint(1, 99) if target in {"CHAR", "VARCHAR"} and self.flag() else None
        return tree.Cast(AT, self.value(depth), target, length)

    def simple_case(self, depth: int) -> tree.SimpleCase:
        """CASE of an operand."""
        branches = self.several(lambda deep: (self.value(deep), self.value(deep)), depth, 1, 2)
        return tree.SimpleCase(AT, self.value(depth), branches, self.maybe(self.value, depth))

    def case(self, depth: int) -> tree.Case:
        """CASE."""
        branches = self.several(lambda deep: (self.condition(deep), self.value(deep)), depth, 1, 2)
        return tree.Case(AT, branches, self.maybe(self.value, depth))

    # ---- conditions

    def condition(self, depth: int) -> tree.Condition:
        """Any condition."""
        simple: tuple[Callable[[int], tree.Condition], ...] = (
            self.comparison, self.comparison, self.between, self.among, self.like, self.is_null,
        )  # fmt: skip
        if depth <= 0:
            return self.one(*simple, depth=depth)
        return self.one(*simple, self.junction, self.negation, self.exists, depth=depth)

    def comparison(self, depth: int) -> tree.Comparison:
        """A comparison; often with a predicate of geometry."""
        if self.flag():
            name = self.random.choice(["CONTAINS", "INTERSECTS"])
            call = tree.Function(AT, name, self.several(self.value, depth, 2, 2))
            return tree.Comparison(AT, self.random.choice(["=", "<>"]), tree.Number(AT, "1"), call)
        operator = self.random.choice(["=", "<>", "<", "<=", ">", ">="])
        return tree.Comparison(AT, operator, self.value(depth), self.value(depth))

    def between(self, depth: int) -> tree.Between:
        """BETWEEN."""
        return tree.Between(AT, self.value(depth), self.flag(), self.value(depth), self.value(depth))

    def among(self, depth: int) -> tree.In:
        """IN."""
        choices = self.query(depth - 1) if self.flag() else self.several(self.value, depth, 1)
        return tree.In(AT, self.value(depth), self.flag(), choices)

    def like(self, depth: int) -> tree.Like:
        """LIKE or ILIKE."""
        return tree.Like(AT, self.value(depth), self.flag(), self.flag(), self.value(depth))

    def is_null(self, depth: int) -> tree.IsNull:
        """IS NULL."""
        return tree.IsNull(AT, self.value(depth), self.flag())

    def junction(self, depth: int) -> tree.Junction:
        """AND or OR."""
        parts = self.several(self.condition, depth, 2)
        return tree.Junction(AT, "AND" if self.flag() else "OR", parts)

    def negation(self, depth: int) -> tree.Not:
        """NOT."""
        return tree.Not(AT, self.condition(depth))

    def exists(self, depth: int) -> tree.Exists:
        """EXISTS."""
        return tree.Exists(AT, self.query(depth))

    # ---- tables and queries

    def table(self, depth: int) -> tree.TableReference:
        """A table of FROM."""
        if depth <= 0:
            return self.named_table(depth)
        kinds: tuple[Callable[[int], tree.TableReference], ...] = (
            self.named_table, self.named_table, self.derived_table, self.join,
        )  # fmt: skip
        return self.one(*kinds, depth=depth)

    def named_table(self, depth: int) -> tree.NamedTable:
        """A table by its name."""
        if self.tables:
            table, columns = self.random.choice(self.tables)
            alias = self.random.choice("abcdefgh") + str(self.random.randint(1, 99))
            self.columns += [f"{alias}.{column}" if self.flag() else column for column in columns]
            return tree.NamedTable(
                AT, tuple(tree.Name(AT, part) for part in table.split(".")), tree.Name(AT, alias)
            )
        return tree.NamedTable(AT, self.several(self.name, depth, 1, 2), self.maybe(self.name, depth))

    def derived_table(self, depth: int) -> tree.DerivedTable:
        """A query in FROM."""
        outside, self.columns = self.columns, []
        query = self.query(depth)
        self.columns = outside + self.columns
        return tree.DerivedTable(AT, query, self.name())

    def join(self, depth: int) -> tree.Join:
        """A join."""
        left, right = self.table(depth), self.table(depth)
        kind = self.random.choice(["INNER", "LEFT", "RIGHT", "FULL", "CROSS"])
        if kind == "CROSS":
            return tree.Join(AT, left, right, kind, natural=False, condition=None, using=())
        if self.flag():
            return tree.Join(AT, left, right, kind, natural=True, condition=None, using=())
        if self.flag():
            return tree.Join(AT, left, right, kind, natural=False, condition=None, using=(self.name(),))
        return tree.Join(AT, left, right, kind, natural=False, condition=self.condition(depth), using=())

    def select(self, depth: int) -> tree.Select:
        """A SELECT."""
        tables = self.several(self.table, depth, 1, 2)
        items = self.several(self.item, depth, 1)
        return tree.Select(
            AT,
            self.flag(),
            self.maybe(lambda _: self.random.randint(0, 99), depth),
            items,
            tables,
            self.maybe(self.condition, depth),
            self.several(self.value, depth - 1, 0, 2) if self.flag() else (),
            self.condition(depth) if self.flag() else None,
        )

    def item(self, depth: int) -> tree.SelectItem | tree.Asterisk:
        """A column of the result."""
        if self.flag():
            return tree.Asterisk(AT, () if self.tables else self.several(self.name, depth, 0, 2))
        return tree.SelectItem(AT, self.value(depth), self.maybe(self.name, depth))

    def query(self, depth: int) -> tree.Query:
        """A whole query, or one within another."""
        body: tree.Select | tree.SetOperation = self.select(depth)
        if depth > 1 and self.flag():
            # Operands in parentheses: the tree does not hang on which operator binds more.
            operator = self.random.choice(["UNION", "EXCEPT", "INTERSECT"])
            body = tree.SetOperation(AT, operator, self.flag(), self.query(depth - 1), self.query(depth - 1))
        sorts = self.several(lambda deep: tree.Sort(AT, self.value(deep), self.flag()), depth - 1, 0, 2)
        offset = self.maybe(lambda _: self.random.randint(0, 9), depth)
        return tree.Query(AT, body, sorts if self.flag() else (), offset)
