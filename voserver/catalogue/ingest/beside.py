"""Understanding rows in a process beside the load's: Python takes one processor, PostgreSQL the other.

Threads would not do, since sending a batch then waits for Python's lock again and again. The process is told
its task by its input and answers by its output; it ends when nobody takes its batches any more.
"""

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from subprocess import PIPE, Popen

from voserver.catalogue.ingest.understanding import Prepared, Task, prepare
from voserver.model.errors import Unavailable

Preparing = Callable[[Task], Iterator[Prepared]]


@contextmanager
def beside() -> Iterator[Preparing]:
    """`prepare` in another process, which is started now and ends with the context."""
    # -P: whatever lies in the working directory is not imported.
    command = [sys.executable, "-P", "-m", __name__]
    with Popen(command, stdin=PIPE, stdout=PIPE) as process:  # noqa: S603 -- our own program
        try:
            yield partial(received, process)
        finally:
            process.kill()


def received(process: "Popen[bytes]", task: Task) -> Iterator[Prepared]:
    """The batches that a process makes of its task.

    Raises:
        ServiceError: what stopped it, or that it ended.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with process.stdin as task_stream:
            pickle.dump(task, task_stream)
        while (answer := pickle.load(process.stdout)) is not None:  # noqa: S301 -- our own process writes it
            if isinstance(answer, Exception):
                raise answer
            yield answer
    except (BrokenPipeError, EOFError, pickle.UnpicklingError) as error:
        raise Unavailable(
            f"The process that reads {task.path.name} ended early, with status {process.wait()}.",
            hint="Did the machine's memory run out? The load goes on where it stopped when it is started again.",
        ) from error


def _serve() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the load's process hears it too, and ends this one
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301 -- the load's process writes it
    answer: object = None
    try:
        try:
            for prepared in prepare(task):
                pickle.dump(prepared, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
        except BrokenPipeError:
            raise
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the load's process raises it
            answer = fault
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)  # the load has ended; there is nobody left to tell


if __name__ == "__main__":
    _serve()
