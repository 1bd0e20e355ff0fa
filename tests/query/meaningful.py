"""Trees of ADQL that mostly mean something: of published tables, and of values of the kinds that go together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Literal

from voserver.model.tables import Tables
from voserver.query.adql import tree
from voserver.query.adql.registry import Argument
from voserver.query.adql.types import kind_of
from voserver.query.adql.user_functions import USER_FUNCTIONS

AT = 0  # a generated tree stands nowhere
Kind = Literal["number", "text", "time", "shape"]
Column = tuple[str, Kind]
ONE_NUMBER = (
    "ABS",
    "CEILING",
    "FLOOR",
    "EXP",
    "LOG",
    "SQRT",
    "SIN",
    "ATAN",
    "DEGREES",
    "ROUND",
    "TRUNCATE",
    "RADIANS",
)
TWO_NUMBERS = ("MOD", "POWER", "ATAN2", "ROUND")
TEXTS = ("", "x", "it's", "a%_", "\\", "--", "MIRI", "SMACS J0723", "2024-01-01", "1")
REGIONS = ("Circle ICRS 10 20 0.5", "POLYGON 10 20 11 20 11 21", "Union ICRS (Circle 1 2 3 Circle 4 5 6)")


def columns_of(tables: Tables) -> list[tuple[str, list[Column]]]:
    """Published tables, with the columns of theirs whose kind a generator knows; not many of each."""
    found: list[tuple[str, list[Column]]] = []
    for table in tables:
        columns: list[Column] = []
        for column in table.columns:
            kind = kind_of(column.column)
            if column.is_region:
                columns.append((column.name, "shape"))
            elif kind in {"short", "int", "long", "float", "double"}:
                columns.append((column.name, "number"))
            elif kind in {"text", "timestamp"}:
                columns.append((column.name, "text" if kind == "text" else "time"))
        found.append((table.full_name, [column for column in columns if column[0].isidentifier()]))
    return found


class Generator:
    """Queries, from a source of randomness; deeper ones are rarer."""

    def __init__(self, random: Random, tables: Sequence[tuple[str, Sequence[Column]]]) -> None:
        self.random = random
        self.tables = tables
        self.columns: list[Column] = []
        self.names = 0
        self.in_group = False

    def some(self, chance: float = 0.3) -> bool:
        """Yes or no."""
        return self.random.random() < chance

    def fresh(self) -> tree.Name:
        """A name that nothing else has."""
        self.names += 1
        return tree.Name(AT, f"n{self.names}", delimited=self.some(0.1))

    # ---- values

    def column(self, kind: Kind) -> tree.Expression | None:
        """A column of the kind, if the query has one; in a query of groups, in an aggregate."""
        known = [name for name, of in self.columns if of == kind]
        if not known:
            return None
        parts = self.random.choice(known).split(".")
        reference = tree.ColumnReference(AT, tuple(tree.Name(AT, part) for part in parts))
        if self.in_group and kind != "shape":
            return tree.Aggregate(AT, self.random.choice(["MIN", "MAX"]), self.some(), reference)
        return None if self.in_group else reference

    def value(self, kind: Kind, depth: int) -> tree.Expression:
        """A value of the kind."""
        if self.some(0.5 if depth > 0 else 0.7) and (column := self.column(kind)):
            return column
        if depth > 0 and self.some(0.1):
            return self._any_kind(kind, depth - 1)
        match kind:
            case "number":
                return self._number(depth)
            case "text":
                return self._text(depth)
            case "time":
                return self._time()
            case "shape":
                return self._shape(depth - 1)

    def _any_kind(self, kind: Kind, depth: int) -> tree.Expression:
        if kind == "shape" or self.some():
            return self.value(kind, depth)
        if self.some():
            names = ("COALESCE", "NULLIF")
            return self._call(self.random.choice(names), self.value(kind, depth), self.value(kind, depth))
        if self.some():
            tests: Kind = self.random.choice(("number", "text", "time"))
            one = ((self.value(tests, 0), self.value(kind, depth)),)
            return tree.SimpleCase(AT, self.value(tests, depth), one, self.value(kind, depth))
        branches = ((self.condition(depth), self.value(kind, depth)),)
        return tree.Case(AT, branches, self.value(kind, depth) if self.some() else None)

    def _literal(self, low: float, high: float) -> tree.Expression:
        number = round(self.random.uniform(low, high), self.random.choice([0, 1, 6]))
        literal = tree.Number(AT, repr(abs(number)))
        return tree.Sign(AT, "-", literal) if number < 0 else literal

    def _call(self, name: str, *arguments: tree.Expression) -> tree.Function:
        return tree.Function(AT, name, arguments)

    def _number(self, depth: int) -> tree.Expression:  # noqa: PLR0911 -- one for each kind of number
        if depth <= 0:
            return self.random.choice(
                [tree.Number(AT, str(self.random.randint(0, 99))), tree.Null(AT), self._literal(-9, 9)]
            )
        below = depth - 1
        match self.random.randint(0, 8):
            case 0 | 1:
                sign = self.random.choice("+-*/")
                return tree.Operation(AT, self.value("number", below), ((sign, self.value("number", below)),))
            case 2:
                return tree.Sign(AT, self.random.choice("+-"), self.value("number", below))
            case 3:
                return self._call(self.random.choice(ONE_NUMBER), self.value("number", below))
            case 4:
                return self._call(
                    self.random.choice(TWO_NUMBERS), self.value("number", below), self.value("number", below)
                )
            case 5:
                return self._user_function(below)
            case 6:
                return self._measure(below)
            case 7:
                target = self.random.choice(["INTEGER", "BIGINT", "REAL", "DOUBLE"])
                return tree.Cast(AT, self.value("number", below), target, None)
            case _:
                return tree.Number(AT, self.random.choice(["0", "1", "2147483648", "1e3", ".5", "12."]))

    def _user_function(self, depth: int) -> tree.Expression:
        made: dict[Argument, Kind] = {"number": "number", "text": "text", "time": "time"}
        plain = [
            f for f in USER_FUNCTIONS.values() if f.gives in {"int", "double"} and f.forms and not f.aggregate
        ]
        function = self.random.choice(plain)
        takes = self.random.choice(function.forms).takes
        return self._call(function.name, *(self.value(made[one], depth) for one in takes))

    def _measure(self, depth: int) -> tree.Expression:
        if self.some():
            return self._call("AREA", self.value("shape", depth))
        point = self._call("CENTROID", self.value("shape", depth)) if self.some() else self._point(depth)
        if self.some():
            return self._call("DISTANCE", point, self._point(depth))
        if self.some():
            return self._call("IVO_HEALPIX_INDEX", tree.Number(AT, str(self.random.randint(0, 29))), point)
        return self._call(self.random.choice(["COORD1", "COORD2"]), point)

    def _text(self, depth: int) -> tree.Expression:
        if depth <= 0 or self.some():
            return tree.Text(AT, self.random.choice(TEXTS))
        below = depth - 1
        if self.some():
            return tree.Operation(AT, self.value("text", below), (("||", self.value("text", below)),))
        if self.some():
            return self._call(self.random.choice(["LOWER", "UPPER"]), self.value("text", below))
        kind: Kind = self.random.choice(("number", "text", "time"))
        length = self.random.randint(1, 40) if self.some() else None
        return tree.Cast(AT, self.value(kind, below), self.random.choice(["CHAR", "VARCHAR"]), length)

    def _time(self) -> tree.Expression:
        written = tree.Text(
            AT, self.random.choice(["2024-01-01", "2022-07-12T01:02:03.5", "1999-12-31 23:59:59"])
        )
        return tree.Cast(AT, written, "TIMESTAMP", None)

    def _point(self, depth: int) -> tree.Expression:
        if self.some() and not self.in_group and depth > 0:
            return self._call("POINT", self.value("number", depth - 1), self.value("number", depth - 1))
        return self._call("POINT", self._literal(-360, 360), self._literal(-90, 90))

    def _shape(self, depth: int) -> tree.Expression:
        match self.random.randint(0, 7):
            case 0 | 1:
                return self._point(depth)
            case 2 | 3:
                radius = self.value("number", depth - 1) if self.some() else self._literal(0, 180)
                return self._call("CIRCLE", self._literal(0, 360), self._literal(-90, 90), radius)
            case 4:
                pairs = [
                    (self._literal(-360, 360), self._literal(-90, 90))
                    for _ in range(self.random.randint(3, 5))
                ]
                return self._call("POLYGON", *(number for pair in pairs for number in pair))
            case 5:
                return self._call("BOX", self._point(depth), self._literal(0, 90), self._literal(0, 90))
            case 6:
                return self._call("REGION", tree.Text(AT, self.random.choice(REGIONS)))
            case _:
                frame = tree.Text(AT, self.random.choice(["GALACTIC", "ECLIPTIC", "FK4", "ICRS"]))
                return self._call("IVO_GEOM_TRANSFORM", frame, tree.Text(AT, "ICRS"), self._point(depth))

    # ---- conditions

    def condition(self, depth: int) -> tree.Condition:  # noqa: PLR0911 -- one for each kind of condition
        """A condition."""
        below = depth - 1
        kind: Kind = self.random.choice(("number", "number", "text", "time"))
        match self.random.randint(0, 9 if depth > 0 else 5):
            case 0:
                return tree.Between(AT, *self._three(kind, below))
            case 1:
                choices = tuple(self.value(kind, 0) for _ in range(self.random.randint(1, 3)))
                return tree.In(AT, self.value(kind, below), self.some(), choices)
            case 2:
                return tree.Like(
                    AT, self.value("text", below), self.some(), self.some(), self.value("text", 0)
                )
            case 3:
                return tree.IsNull(AT, self.value(kind, below), self.some())
            case 4:
                return self._on_sky(below)
            case 5:
                operator = self.random.choice(["=", "<>", "<", "<=", ">", ">="])
                return tree.Comparison(AT, operator, self.value(kind, below), self.value(kind, below))
            case 6 | 7:
                parts = tuple(self.condition(below) for _ in range(2))
                return tree.Junction(AT, self.random.choice(["AND", "OR"]), parts)
            case 8:
                return tree.Not(AT, self.condition(below))
            case _:
                return tree.Exists(AT, self.nested(below)) if self.some() else self._among_rows(below)

    def _three(
        self, kind: Kind, depth: int
    ) -> tuple[tree.Expression, bool, tree.Expression, tree.Expression]:
        return self.value(kind, depth), self.some(), self.value(kind, 0), self.value(kind, 0)

    def _on_sky(self, depth: int) -> tree.Comparison:
        if self.some():
            distance = self._call("DISTANCE", self._point(depth), self._point(depth))
            return tree.Comparison(AT, self.random.choice(["<", "<=", ">"]), distance, self._literal(0, 10))
        name = self.random.choice(["CONTAINS", "INTERSECTS"])
        call = self._call(name, self.value("shape", depth), self.value("shape", depth))
        return tree.Comparison(AT, "=", tree.Number(AT, self.random.choice("01")), call)

    def _among_rows(self, depth: int) -> tree.In:
        outer = self.columns
        select = self.select(depth, ("number",))
        self.columns = outer
        return tree.In(AT, self.value("number", 0), self.some(), tree.Query(AT, select, (), None))

    # ---- tables and queries

    def table(self, depth: int) -> tree.TableReference:
        """A table, a query, or a join of two."""
        if depth > 0 and self.some(0.15):
            outside, self.columns = self.columns, []
            query, kinds = self._query(depth - 1)
            alias = self.fresh()
            self.columns = [*outside, *self._named(alias, zip(self._result(query), kinds, strict=True))]
            return tree.DerivedTable(AT, query, alias)
        if depth > 0 and self.some(0.2):
            return self._join(depth - 1)
        name, columns = self.random.choice(self.tables)
        alias = self.fresh()
        self.columns = [*self.columns, *self._named(alias, columns)]
        return tree.NamedTable(AT, tuple(tree.Name(AT, part) for part in name.split(".")), alias)

    def _join(self, depth: int) -> tree.Join:
        outside, self.columns = self.columns, []
        left, right = self.table(0), self.table(0)
        kind = self.random.choice(["INNER", "LEFT", "RIGHT"])
        on = self.condition(depth)
        self.columns = outside + self.columns
        return tree.Join(AT, left, right, kind, natural=False, condition=on, using=())

    def _named(self, alias: tree.Name, columns: Iterable[Column]) -> list[Column]:
        return [] if alias.delimited else [(f"{alias.text}.{name}", kind) for name, kind in columns]

    def _result(self, query: tree.Query) -> list[str]:
        body: tree.Select | tree.SetOperation | tree.Query = query
        while not isinstance(body, tree.Select):
            body = body.body if isinstance(body, tree.Query) else body.left
        return [item.alias.text for item in body.items if isinstance(item, tree.SelectItem) and item.alias]

    def select(self, depth: int, kinds: Sequence[Kind]) -> tree.Select:
        """A SELECT with columns of these kinds."""
        tables = tuple(self.table(depth) for _ in range(1 if self.some(0.8) else 2))
        where = self.condition(depth) if self.some(0.7) else None
        groups: tuple[tree.Expression, ...] = ()
        grouped, self.in_group = self.in_group, self.some(0.15)
        having = self.condition(depth) if self.in_group and self.some() else None
        items = tuple(
            tree.SelectItem(AT, self.value(kind, depth), tree.Name(AT, self.fresh().text)) for kind in kinds
        )
        self.in_group = grouped
        top = self.random.randint(0, 99) if self.some() else None
        return tree.Select(AT, self.some(0.1), top, items, tables, where, groups, having)

    def _query(self, depth: int) -> tuple[tree.Query, list[Kind]]:
        kinds: list[Kind] = [
            self.random.choice(("number", "number", "text", "time", "shape"))
            for _ in range(self.random.randint(1, 4))
        ]
        body: tree.Select | tree.SetOperation = self.select(depth, kinds)
        if self.some(0.15):
            self.columns = []
            operator = self.random.choice(["UNION", "EXCEPT", "INTERSECT"])
            other = tree.Query(AT, self.select(depth, kinds), (), None)
            body = tree.SetOperation(AT, operator, self.some(), tree.Query(AT, body, (), None), other)
        sorts = (
            (tree.Sort(AT, tree.Number(AT, "1"), self.some()),) if self.some() and kinds[0] != "shape" else ()
        )
        return tree.Query(AT, body, sorts, self.random.randint(0, 9) if self.some() else None), kinds

    def nested(self, depth: int) -> tree.Query:
        """A query within another one, whose columns it knows."""
        outer = self.columns
        query, _ = self._query(depth)
        self.columns = outer
        return query

    def query(self, depth: int) -> tree.Query:
        """A whole query."""
        return self._query(depth)[0]
