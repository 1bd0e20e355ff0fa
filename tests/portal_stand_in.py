"""A stand-in for MAST's portal API: what it has, what it is asked, and what goes wrong."""

import json
import math
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

Row = dict[str, Any]
Fault = Callable[["Conversation", dict[str, Any]], bool]
"""What the stand-in does instead of an answer; whether it has answered."""


def observation(number: int, **values: object) -> Row:
    """One exposure of program 2733."""
    name = f"jw02733002001_02103_{number:05d}_mirimage"
    return {
        "intentType": "science", "obs_collection": "JWST", "provenance_name": "CALJWST",
        "instrument_name": "MIRI/IMAGE", "filters": "F770W", "target_name": "NGC-3132", "obs_id": name,
        "s_ra": 151.75, "s_dec": -40.44, "dataproduct_type": "image", "proposal_pi": "Some Body", "calib_level": 2,
        "t_min": 59742.5, "t_max": 59742.6, "t_exptime": 2708.4, "em_min": 6600.0, "em_max": 8800.0,
        "obs_title": "A title", "t_obs_release": 59773.625, "proposal_id": "2733", "proposal_type": "GO",
        "s_region": "POLYGON 151.75 -40.41 151.79 -40.43 151.75 -40.47 151.71 -40.45", "jpegURL": None,
        "dataURL": f"mast:JWST/product/{name}_cal.fits", "dataRights": "PUBLIC", "mtFlag": False,
        "obsid": str(1000 + number), "_selected_": None, **values,
    }  # fmt: skip


def product(row: Mapping[str, Any], suffix: str = "cal", **values: object) -> Row:
    """A file of an observation."""
    name = f"{row['obs_id']}_{suffix}.fits"
    return {
        "obsID": row["obsid"], "obs_collection": "JWST", "dataproduct_type": "image", "obs_id": row["obs_id"],
        "description": "a file", "type": "S", "dataURI": f"mast:JWST/product/{name}", "productType": "SCIENCE",
        "productGroupDescription": None, "productSubGroupDescription": suffix.upper(), "project": "CALJWST",
        "prvversion": "1.18.0", "proposal_id": row["proposal_id"], "productFilename": name, "size": 29_000_000,
        "parent_obsid": row["obsid"], "dataRights": row["dataRights"], "calib_level": 2, **values,
    }  # fmt: skip


class StandIn:
    """MAST in small: what it has, what it was asked, and what goes wrong next."""

    def __init__(self) -> None:
        self.observations = [observation(number) for number in range(1, 6)]
        self.products = [product(row, suffix) for row in self.observations for suffix in ("uncal", "cal")]
        self.asked: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.agents: set[str] = set()
        self.at_once = self.most_at_once = 0
        self.url = ""

    def rows(self, request: Mapping[str, Any]) -> list[Row]:
        params = request["params"]
        if request["service"] == "Mast.Caom.Products":
            wanted = set(params["obsid"].split(","))
            return [row for row in self.products if row["parent_obsid"] in wanted]
        found = [row for row in self.observations if all(_passes(row, one) for one in params["filters"])]
        if request["service"] == "Mast.Caom.Filtered.Position":
            ra, dec, radius = (float(part) for part in params["position"].split(","))
            found = [row for row in found if math.hypot(row["s_ra"] - ra, row["s_dec"] - dec) <= radius]
        return found

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        rows, size, page = self.rows(request), request["pagesize"], request["page"]
        pages = max(1, math.ceil(len(rows) / size))
        paging = {
            "page": page,
            "pageSize": size,
            "pagesFiltered": pages,
            "rowsFiltered": len(rows),
            "rowsTotal": len(rows),
        }
        fields = [{"name": name, "type": "string"} for name in (rows[0] if rows else {})]
        return {
            "status": "COMPLETE",
            "msg": "",
            "data": rows[size * (page - 1) : size * page],
            "fields": fields,
            "paging": paging,
        }


def _passes(row: Row, one: Mapping[str, Any]) -> bool:
    value = row[one["paramName"]]
    return any(
        value is not None and wanted["min"] <= value <= wanted["max"]
        if isinstance(wanted, dict)
        else str(value) == wanted
        for wanted in one["values"]
    )


class Conversation(BaseHTTPRequestHandler):
    """One connection to the stand-in."""

    protocol_version = "HTTP/1.1"
    mast: StandIn

    def do_POST(self) -> None:
        mast = self.mast
        mast.at_once += 1
        mast.most_at_once = max(mast.at_once, mast.most_at_once)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        request = json.loads(urllib.parse.parse_qs(body)["request"][0])
        mast.asked.append(request)
        mast.agents.add(self.headers["User-Agent"])
        fault = mast.faults.pop(0) if mast.faults else None
        if self.path != "/api/v0/invoke":
            self.say(404, b"nothing is here")
        elif not (fault and fault(self, request)):
            self.say(200, json.dumps(mast.answer(request)).encode())
        mast.at_once -= 1

    def say(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, format: str, *args: Any) -> None:  # the name is that of the library
        pass


def says(status: int, content: bytes = b"", **headers: str) -> Fault:
    def fault(conversation: Conversation, _request: dict[str, Any]) -> bool:
        conversation.say(status, content, **headers)
        return True

    return fault


def half(conversation: Conversation, request: dict[str, Any]) -> bool:
    """Half of a good answer, and the connection ends."""
    content = json.dumps(conversation.mast.answer(request)).encode()
    conversation.send_response(200)
    conversation.send_header("Content-Length", str(len(content)))
    conversation.end_headers()
    conversation.wfile.write(content[: len(content) // 2])
    conversation.close_connection = True
    return True


def hangs_up(conversation: Conversation, _request: dict[str, Any]) -> bool:
    conversation.close_connection = True
    return True


EXECUTING = says(200, b'{"status": "EXECUTING", "msg": ""}')
PAGE = says(200, b"<!DOCTYPE html><html><body>We are down for maintenance.</body></html>")


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A stand-in that answers at its `url`."""
    stand_in = StandIn()
    handler = type("Handler", (Conversation,), {"mast": stand_in})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stand_in.url = f"http://127.0.0.1:{server.server_port}"
        yield stand_in
        server.shutdown()
        thread.join()
