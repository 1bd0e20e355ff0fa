"""A page of events as Atom (RFC 4287) and as JSON Feed 1.1."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from voserver.model.addresses import file_path
from voserver.serializers.xml_text import attributes, escaped

ATOM = "application/atom+xml"
JSON = "application/feed+json"

_TITLE = "Changes in the archive"

Event = Mapping[str, Any]
"""A row of jwst.event, by its columns."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events in their order, with the URLs of this page and of the next one (None where there is no more)."""

    events: Sequence[Event]
    updated: datetime
    base_url: str
    authority: str
    url: str
    next_url: str | None

    def identifier(self, event: Event) -> str:
        """What the event is called everywhere, for ever; `since` takes it, too."""
        return f"{self.name}?{event['event_id']}"

    @property
    def name(self) -> str:
        """What the feed is called."""
        return f"ivo://{self.authority}/events"

    def link(self, event: Event) -> str:
        """Where there is more about the file."""
        product = event["obs_publisher_did"]
        if product is None:
            return self.base_url + file_path(event["uri"])
        return f"{self.base_url}/datalink/links?ID={quote(product, safe='')}"


def atom(page: Page) -> bytes:
    """The page as Atom."""
    links = [("self", page.url), ("next", page.next_url)]
    head = "".join(
        f"<link{attributes(rel=relation, href=url, type=ATOM)}/>\n" for relation, url in links if url
    )
    entries = "".join(_entry(page, event) for event in page.events)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{_TITLE}</title>\n<id>{escaped(page.name)}</id>\n<updated>{_time(page.updated)}</updated>\n"
        f"<author><name>{escaped(page.authority)}</name></author>\n{head}{entries}</feed>\n"
    ).encode()


def _entry(page: Page, event: Event) -> str:
    return (
        f"<entry>\n<id>{escaped(page.identifier(event))}</id>\n<title>{escaped(_title(event))}</title>\n"
        f"<updated>{_time(event['event_time'])}</updated>\n<category{attributes(term=event['kind'])}/>\n"
        f"<link{attributes(rel='alternate', href=page.link(event))}/>\n"
        f"<summary>{escaped(_summary(event))}</summary>\n</entry>\n"
    )


def json_feed(page: Page) -> bytes:
    """The page as JSON Feed. Each item has all columns of its event as `_event`."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _TITLE,
        "feed_url": page.url,
        "home_page_url": f"{page.base_url}/",
        **({"next_url": page.next_url} if page.next_url else {}),
        "items": [_item(page, event) for event in page.events],
    }
    return json.dumps(feed, ensure_ascii=False).encode(errors="replace") + b"\n"


def _item(page: Page, event: Event) -> dict[str, object]:
    facts = {
        name: _time(value) if isinstance(value, datetime) else value
        for name, value in event.items()
        if value is not None
    }
    return {
        "id": page.identifier(event),
        "url": page.link(event),
        "title": _title(event),
        "content_text": _summary(event),
        "date_published": _time(event["event_time"]),
        "tags": [event["kind"]],
        "_event": facts,
    }


def _title(event: Event) -> str:
    return f"{event['kind'].capitalize()}: {event['filename']}"


def _summary(event: Event) -> str:
    """What happened, in words."""
    parts = [event["uri"]]
    if event["program"] is not None:
        parts.append(f"program {event['program']}")
    parts += [event[name] for name in ("instrument_name", "product_subgroup") if event[name]]
    for name, of in (("version", "pipeline"), ("checksum", "checksum"), ("length", "bytes")):
        old, new = event[f"old_{name}"], event[f"new_{name}"]
        if event["kind"] == "reprocessed" and old != new:
            parts.append(f"{of} {_known(old)} → {_known(new)}")
    if event["release_date"] is not None:
        parts.append(f"release {_time(event['release_date'])}")
    return ", ".join(parts)


def _known(value: object) -> str:
    return "unknown" if value is None else str(value)


def _time(moment: datetime) -> str:
    """As RFC 3339 has it. Times of the archive are UTC."""
    return moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
