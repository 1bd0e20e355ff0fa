"""Rows as a web page: one file, nothing fetched from elsewhere. Its script sends what it shows by SAMP when asked to."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from voserver.model.columns import Column
from voserver.model.errors import ServiceError
from voserver.model.rows import RowStream
from voserver.serializers.cells import as_text, characters, joined, pieces
from voserver.serializers.document import Document
from voserver.serializers.votable_head import OVERFLOW
from voserver.serializers.xml_text import attributes, escaped, escaped_column

_WEB_ADDRESS = r"""^https?://[^\s<>"'`\\]+$"""

SAMP_SCRIPT = Path(__file__).with_name("samp.js").read_text(encoding="utf-8")
"""The same for every page: nothing of what was asked or found is put into it."""

# The note on how the answer ended is written last and shown above the table, by `order`.
_STYLE = """
:root{color-scheme:light dark}
body{display:flex;flex-direction:column;margin:1.5rem;font:15px/1.45 system-ui,sans-serif}
body>*{order:1}
h1{order:0;font-size:1.3rem;margin:0 0 .5rem}
#query{order:0;white-space:pre-wrap;margin:0 0 1rem;padding:.6rem .8rem;border-left:3px solid #47a;
 background:#8882;overflow-wrap:anywhere}
#samp{order:0;margin:0 0 1rem}
#samp:empty{display:none}
button{font:inherit;font-size:.85rem}
#ending{order:0;margin:0 0 1rem}
#ending.cut,#ending.failed{padding:.6rem .8rem;border-left:3px solid #c60;
 background:#fa02;white-space:pre-wrap}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:max-content}
th,td{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #8884;vertical-align:top}
td{max-width:28rem;overflow-wrap:anywhere}
th{position:sticky;top:0;background:Canvas;white-space:nowrap;border-bottom:2px solid #8888}
th small{display:block;font-weight:normal;opacity:.7}
tr:hover td{background:#8881}
footer{margin-top:1rem;opacity:.7;font-size:.85rem}
"""


def html(rows: RowStream, document: Document) -> Iterator[bytes]:
    """The page. Whatever happens on the way, it ends as a whole page that says so."""
    yield _opening(rows.columns, document).encode()
    count, kind, ending = 0, "complete", ""
    try:
        for batch in pieces(rows):
            yield _table_rows(rows.columns, batch)
            count += batch.num_rows
    except ServiceError as error:
        kind, ending = "failed", f" The rows end here because of an error: {error}"
    else:
        if rows.overflow:
            kind, ending = "cut", f" {OVERFLOW.text}"
    noun = "row" if count == 1 else "rows"
    closing = f'</tbody>\n</table>\n<p id="ending" class="{kind}">{count} {noun}.{escaped(ending)}</p>\n'
    yield f"{closing}{_footer(document)}<script>\n{SAMP_SCRIPT}</script>\n</body>\n</html>\n".encode()


def _opening(columns: tuple[Column, ...], document: Document) -> str:
    title = escaped(document.title)
    query = f'<pre id="query">{escaped(document.query)}</pre>\n' if document.query else ""
    heads = "".join(_heading(column) for column in columns)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}{_alignment(columns)}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{query}"
        f'<p id="samp"></p>\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n'
    )


def _heading(column: Column) -> str:
    unit = f"<small>{escaped(column.unit)}</small>" if column.unit else ""
    return f"<th{attributes(title=column.description)}>{escaped(column.name)}{unit}</th>"


def _alignment(columns: tuple[Column, ...]) -> str:
    """Numbers to the right."""
    places = (
        f"td:nth-child({place})"
        for place, column in enumerate(columns, start=1)
        if column.datatype not in {"char", "boolean"}
    )
    selector = ",".join(places)
    return f"{selector}{{text-align:right}}\n" if selector else ""


def _table_rows(columns: tuple[Column, ...], batch: pa.RecordBatch) -> bytes:
    parts: list[pa.Array | str] = []
    for column, values in zip(columns, batch.columns, strict=True):
        text = as_text(column, values)
        parts += ["<td>", _linked(text) if column.is_text else text]
    return characters(joined("<tr>", *parts, "</tr>\n")).tobytes()


def _linked(text: pa.Array) -> pa.Array:
    """Text for a cell; what is a web address as a whole becomes a link."""
    safe = escaped_column(text)
    addresses = pc.match_substring_regex(text, _WEB_ADDRESS)
    if addresses.true_count == 0:
        return safe
    links = joined('<a href="', safe, '" rel="noopener noreferrer">', safe, "</a>")
    return pc.if_else(addresses, links, safe)


def _footer(document: Document) -> str:
    known = (
        document.service,
        document.release,
        document.created and f"{document.created:%Y-%m-%d %H:%M:%S} UTC",
    )
    said = " · ".join(escaped(part) for part in known if part)
    return f"<footer>{said}</footer>\n" if said else ""
