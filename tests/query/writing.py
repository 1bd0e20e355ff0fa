"""ADQL text of a tree: what `parse` reads back as the same tree."""

from collections.abc import Iterable

from voserver.query.adql import tree


def written(query: tree.Query) -> str:
    """A whole text."""
    named = ", ".join(
        f"{_name(one.name)}{_columns(one.columns)} AS ({_query(one.query)})" for one in query.named
    )
    return (f"WITH {named} " if named else "") + _query(query)


def _query(query: tree.Query) -> str:
    sorts = ", ".join(value(sort.value) + " DESC" * sort.descending for sort in query.order_by)
    order = f" ORDER BY {sorts}" if sorts else ""
    offset = "" if query.offset is None else f" OFFSET {query.offset}"
    return _body(query.body) + order + offset


def _body(body: tree.Select | tree.SetOperation | tree.Query) -> str:
    match body:
        case tree.Query():
            return f"({_query(body)})"
        case tree.SetOperation():
            operator = body.operator + " ALL" * body.all
            left = _body(body.left)
            if body.operator == "INTERSECT" and isinstance(body.left, tree.SetOperation):
                assert body.left.operator == "INTERSECT", "the grammar makes no other tree"
            return f"{left} {operator} {_body(body.right)}"
        case tree.Select():
            return _select(body)


def _select(select: tree.Select) -> str:
    parts = ["SELECT"]
    parts += ["DISTINCT"] if select.distinct else []
    parts += [] if select.top is None else [f"TOP {select.top}"]
    parts += [", ".join(_item(item) for item in select.items)]
    parts += ["FROM", ", ".join(_table(table) for table in select.tables)]
    parts += [] if select.where is None else ["WHERE", condition(select.where)]
    parts += ["GROUP BY", ", ".join(map(value, select.group_by))] if select.group_by else []
    parts += [] if select.having is None else ["HAVING", condition(select.having)]
    return " ".join(parts)


def _item(item: tree.SelectItem | tree.Asterisk) -> str:
    if isinstance(item, tree.Asterisk):
        return ".".join([*map(_name, item.qualifier), "*"])
    return value(item.value) + (f" AS {_name(item.alias)}" if item.alias else "")


def _table(table: tree.TableReference) -> str:
    match table:
        case tree.NamedTable():
            return ".".join(map(_name, table.parts)) + (f" AS {_name(table.alias)}" if table.alias else "")
        case tree.DerivedTable():
            return f"({_query(table.query)}) AS {_name(table.alias)}"
        case tree.Join():
            kind = "NATURAL " * table.natural + ("" if table.kind == "INNER" else table.kind + " ")
            on = "" if table.condition is None else f" ON {condition(table.condition)}"
            using = f" USING{_columns(table.using)}" if table.using else ""
            right = f"({_table(table.right)})" if isinstance(table.right, tree.Join) else _table(table.right)
            return f"{_table(table.left)} {kind}JOIN {right}{on}{using}"


def condition(node: tree.Condition) -> str:  # noqa: PLR0911 -- one for each kind of node
    """A condition."""
    negated = " NOT" if getattr(node, "negated", False) else ""
    match node:
        case tree.Junction():
            return f" {node.operator} ".join(_inner(part) for part in node.conditions)
        case tree.Not():
            return f"NOT {_inner(node.condition)}"
        case tree.Comparison():
            return f"{value(node.left)} {node.operator} {value(node.right)}"
        case tree.Between():
            return f"{value(node.operand)}{negated} BETWEEN {value(node.low)} AND {value(node.high)}"
        case tree.In():
            inside = (
                _query(node.choices)
                if isinstance(node.choices, tree.Query)
                else ", ".join(map(value, node.choices))
            )
            return f"{value(node.operand)}{negated} IN ({inside})"
        case tree.Like():
            word = "ILIKE" if node.any_case else "LIKE"
            return f"{value(node.operand)}{negated} {word} {value(node.pattern)}"
        case tree.IsNull():
            return f"{value(node.operand)} IS{negated} NULL"
        case tree.Exists():
            return f"EXISTS ({_query(node.query)})"


def _inner(node: tree.Condition) -> str:
    return f"({condition(node)})" if isinstance(node, tree.Junction | tree.Not) else condition(node)


def value(node: tree.Expression) -> str:  # noqa: C901, PLR0911 -- one for each kind of node
    """A value."""
    match node:
        case tree.Number():
            return node.text
        case tree.Text():
            return "'" + node.text.replace("'", "''") + "'"
        case tree.Null():
            return "NULL"
        case tree.ColumnReference():
            return ".".join(map(_name, node.parts))
        case tree.Operation():
            return _operand(node.first) + "".join(f" {sign} {_operand(part)}" for sign, part in node.rest)
        case tree.Sign():
            return node.operator + _operand(node.operand)
        case tree.Function():
            return f"{node.name}({', '.join(map(value, node.arguments))})"
        case tree.Aggregate():
            inside = "*" if node.argument is None else value(node.argument)
            return f"{node.name}({'DISTINCT ' * node.distinct}{inside})"
        case tree.Cast():
            length = "" if node.length is None else f"({node.length})"
            target = "DOUBLE PRECISION" if node.target == "DOUBLE" else node.target
            return f"CAST({value(node.operand)} AS {target}{length})"
        case tree.Case():
            branches = " ".join(f"WHEN {condition(test)} THEN {value(then)}" for test, then in node.branches)
            otherwise = "" if node.otherwise is None else f" ELSE {value(node.otherwise)}"
            return f"CASE {branches}{otherwise} END"
        case tree.SimpleCase():
            branches = " ".join(f"WHEN {value(one)} THEN {value(then)}" for one, then in node.branches)
            otherwise = "" if node.otherwise is None else f" ELSE {value(node.otherwise)}"
            return f"CASE {value(node.operand)} {branches}{otherwise} END"


def _operand(node: tree.Expression) -> str:
    return f"({value(node)})" if isinstance(node, tree.Operation | tree.Sign) else value(node)


def _name(name: tree.Name) -> str:
    return '"' + name.text.replace('"', '""') + '"' if name.delimited else name.text


def _columns(names: Iterable[tree.Name]) -> str:
    listed = ", ".join(map(_name, names))
    return f" ({listed})" if listed else ""
