"""Programs with Swing windows (TOPCAT), done with by the words on their buttons and labels."""

import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.ledger import FaultError
from conformance.packages import program
from conformance.screen import screen

_PATIENCE = 60
"""Seconds that a program may take to react to a command."""
_DRIVER = Path(__file__).parent / "Driver.java"


class Windows:
    """The windows of a running program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line.strip("\n"))
        self._answers.put("")

    def ask(self, *words: str) -> str:
        """Give a command to the driver once: its answer, which begins with `ok`, `no` or `failed`."""
        assert self._process.stdin is not None
        self._process.stdin.write("\t".join(words) + "\n")
        self._process.stdin.flush()
        try:
            said = self._answers.get(timeout=_PATIENCE)
        except queue.Empty:
            raise FaultError(f"{' '.join(words)}: the program does not react") from None
        if not said or said.startswith("failed"):
            raise FaultError(f"{' '.join(words)}: {said or 'the program ended'}")
        return said

    def do(self, *words: str, seconds: float = 40) -> str:
        """Give a command, again until it can be done: what was answered after `ok`."""
        end = time.monotonic() + seconds
        said = self.ask(*words)
        while not said.startswith("ok") and time.monotonic() < end:
            time.sleep(0.4)
            said = self.ask(*words)
        if not said.startswith("ok"):
            raise FaultError(f"{said}; its windows: {self.ask('windows')}; {self.ask('text')[:300]}")
        return said[3:]

    def text(self, wanted: str, seconds: float = 60) -> str:
        """The words in the present window, when those that are wanted are among them."""
        end = time.monotonic() + seconds
        said = self.do("text")
        while wanted not in said and time.monotonic() < end:
            time.sleep(0.4)
            said = self.do("text")
        if wanted not in said:
            raise FaultError(f"{wanted!r} does not appear in {said[:500]}; windows: {self.ask('windows')}")
        return said


@contextmanager
def running(home: Path, jar: str, main: str, *words: str) -> Iterator[Windows]:
    """A program in a virtual machine of its own."""
    java = program("java", "default-jre")
    program("javac", "default-jdk-headless")
    with (home.parent / f"{home.name}.log").open("a") as log:
        command = [java, "-Xmx1g", f"-Duser.home={home}", "-cp", jar, str(_DRIVER), main, *words]
        with subprocess.Popen(
            command, env=screen().environment(home), stdin=-1, stdout=-1, stderr=log, text=True, bufsize=1
        ) as process:
            try:
                yield Windows(process)
            finally:
                process.kill()
