"""`make bench`: what is measured, side by side with what a user would pick instead, in one run."""

import os
import platform
import time

import bulk
import catalogue
import discovery
import files
import geometry
import jobs
import running
import sky
import small
import translation
import uploads
from report import Verdicts, console


def main() -> None:
    """Measure everything and say which targets are met."""
    start = time.monotonic()
    console.print(f"{platform.platform()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    verdicts = Verdicts()
    postgres = catalogue.start(console)
    try:
        uploads.prepare(postgres.url, catalogue.DIRECTORY)
        with running.running(postgres.url) as server:
            bulk.measure(postgres.url, server, verdicts)
            bulk.measure_memory(server, verdicts)
            small.measure(postgres.url, server, verdicts)
            discovery.measure(postgres.url, server, verdicts)
            uploads.measure(postgres.url, server, verdicts)
            jobs.measure(postgres.url, server, verdicts)
        files.measure(postgres.url, verdicts)
        translation.measure(postgres.url, verdicts)
        sky.measure(postgres.url, verdicts)
        geometry.measure(postgres.url, verdicts)
    finally:
        postgres.stop()
    console.print(
        f"{verdicts.met} targets met, {len(verdicts.missed)} missed, in {time.monotonic() - start:.0f} s"
    )
    for missed in verdicts.missed:
        console.print(f"  [bold red]missed[/] {missed}")


if __name__ == "__main__":
    main()
