"""Reading many files: in other processes where there are many, in threads where they are far away; in their order."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

from voserver.catalogue.ingest.batches import chunks
from voserver.catalogue.ingest.file_reading import Reading, read
from voserver.catalogue.ingest.header_records import Manner
from voserver.catalogue.ingest.sources import Found
from voserver.model.errors import Unavailable
from voserver.settings import Settings

_AT_ONCE = 32
"""Files of a store that are read at the same time: each waits for several answers, one after the other."""

_CHUNK = 64
_MANY = 500
"""Fewer files are read before other processes have started."""

Read = Callable[[Sequence[Found]], Iterator[Reading]]


@contextmanager
def reader(count: int, manner: Manner, settings: Settings, processes: int | None = None) -> Iterator[Read]:
    """What reads so many files."""
    task = partial(_read_all, manner=manner, settings=settings)
    wanted = processes or (1 if count < _MANY else os.cpu_count() or 1)
    if wanted == 1:
        yield lambda files: (reading for chunk in chunks(files, _CHUNK) for reading in task(chunk))
        return
    # Ctrl-C reaches the load, which ends them.
    deaf = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(wanted, get_context("spawn"), deaf) as executor:
        try:
            yield lambda files: _ahead(executor, task, files, 2 * wanted)
        except BrokenProcessPool as error:
            raise Unavailable(
                "A process that reads headers ended early.",
                hint="Did the machine's memory run out? Fewer --processes need less.",
            ) from error


def _ahead(
    executor: Executor, task: Callable[[Sequence[Found]], list[Reading]], files: Sequence[Found], most: int
) -> Iterator[Reading]:
    """Chunks in their order, with no more than `most` of them read and not yet taken."""
    waiting: deque[Future[list[Reading]]] = deque()
    for chunk in chunks(files, _CHUNK):
        if len(waiting) >= most:
            yield from waiting.popleft().result()
        waiting.append(executor.submit(task, chunk))
    while waiting:
        yield from waiting.popleft().result()


def _read_all(files: Sequence[Found], manner: Manner, settings: Settings) -> list[Reading]:
    if not any("://" in file.place for file in files):
        return [read(file, manner, settings) for file in files]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(lambda file: read(file, manner, settings), files))
