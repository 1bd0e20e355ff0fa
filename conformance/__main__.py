"""Start a server on the sample and let the clients at it.

    python -m conformance [fast|headless|gui] [--only WORD] [--url URL]

`fast` is what CI runs; it writes no report. `--only` runs the checks whose client or capability has that word;
`--url` takes a server that runs already. Either leaves the report as it is; its pictures go to `--pictures`.
"""

import argparse
import importlib
import pkgutil
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from conformance import clients, report, screen
from conformance.accounts import sign_in
from conformance.ledger import CHECKS, VERSIONS, AbsentError, Check, FaultError, Result, Seen, World
from conformance.server import Server, running


def main() -> int:
    """Run the checks that were asked for; 1 where one failed."""
    options = _options()
    for module in pkgutil.iter_modules(clients.__path__):
        importlib.import_module(f"conformance.clients.{module.name}")
    word = options.only.lower()
    chosen = [
        check
        for check in CHECKS
        if check.part in report.parts(options.part) and word in f"{check.client} {check.capability}".lower()
    ]
    reported = options.part != "fast" and not options.only and not options.url
    start = time.monotonic()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
        server = Server(options.url, options.log) if options.url else stack.enter_context(running())
        pictures = report.PICTURES if reported else options.pictures or scratch
        pictures.mkdir(exist_ok=True)
        world = World(server.url, scratch, pictures, lambda: sign_in(server))
        stack.callback(screen.close)
        results = [_run(check, world) for check in chosen]
    if reported:
        report.keep(options.part, results, time.monotonic() - start)
        report.write()
    print(report.totals(results))
    wrong = {"failed"} if options.part == "fast" else {"failed", "not run"}
    return 1 if any(result.verdict in wrong for result in results) or not results else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("part", choices=("fast", "headless", "gui"), nargs="?", default="headless")
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--log", type=Path, metavar="FILE", help="what the server of --url printed")
    parser.add_argument("--pictures", type=Path, metavar="DIRECTORY")
    parser.add_argument("--url", default="", metavar="URL")
    return parser.parse_args()


def _run(check: Check, world: World) -> Result:
    """Run one check and tell how it went; whatever is raised, the others still run."""
    start = time.monotonic()
    result = Result(check.client, "", check.capability, check.part, "passed", "")
    try:
        result.version = VERSIONS[check.client]()
        seen = check.run(world)
        seen = seen if isinstance(seen, Seen) else Seen(seen)
        result.evidence = seen.text
        result.pictures = list(seen.pictures)
        result.waivers = [asdict(waiver) for waiver in seen.waivers]
        result.verdict = "waived" if seen.waivers else "passed"
    except AbsentError as absent:
        result.verdict, result.evidence = "not run", str(absent)
    except FaultError as fault:
        result.verdict, result.evidence = "failed", str(fault)
    except Exception as error:  # noqa: BLE001 -- a client's library may raise anything: that is a finding
        result.verdict, result.evidence = "failed", f"{type(error).__name__}: {error}"
        traceback.print_exc()
    taken = time.monotonic() - start
    print(
        f"{result.verdict:8} {taken:5.1f} s  {result.client}: {result.capability}: {result.evidence[:600]}",
        flush=True,
    )
    return result


if __name__ == "__main__":
    sys.exit(main())
