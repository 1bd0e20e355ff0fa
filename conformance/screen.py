"""A screen for programs with windows: Xvfb, and pictures of what is on it."""

import os
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from conformance.packages import program

WIDTH, HEIGHT = 1280, 960


@dataclass(frozen=True)
class Screen:
    """A running X server: its display's name and the file in which it keeps its pixels."""

    display: str
    pixels: Path

    def environment(self, home: Path) -> dict[str, str]:
        """For a program that shall show its windows there, and keep what it writes in a home of its own."""
        home.mkdir(parents=True, exist_ok=True)
        return os.environ | {"DISPLAY": self.display, "HOME": str(home), "LC_ALL": "C.UTF-8"}

    def picture(self, file: Path) -> None:
        """Save what is on the screen (the X server's memory is an XWD file of 32 bits a pixel)."""
        content = self.pixels.read_bytes()
        words = struct.unpack(">25I", content[:100])
        header, width, height, row, colours = words[0], words[4], words[5], words[12], words[19]
        start = header + 12 * colours
        rows = np.frombuffer(content, np.uint8, row * height, start).reshape(height, row // 4, 4)
        Image.fromarray(np.ascontiguousarray(rows[:, :width, 2::-1])).save(file)


@contextmanager
def _started() -> Iterator[Screen]:
    with tempfile.TemporaryDirectory(prefix="screen-") as directory:
        read, write = os.pipe()
        size = f"{WIDTH}x{HEIGHT}x24"
        command = [
            program("Xvfb", "xvfb"),
            "-displayfd",
            str(write),
            "-screen",
            "0",
            size,
            "-fbdir",
            directory,
        ]
        command += ["-nolisten", "tcp"]
        with subprocess.Popen(
            command,
            pass_fds=[write],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            os.close(write)
            try:
                with os.fdopen(read) as told:
                    number = told.readline().strip()
                if not number:
                    raise RuntimeError("Xvfb did not start")
                yield Screen(f":{number}", Path(directory) / "Xvfb_screen0")
            finally:
                process.terminate()


_running = _started()


@cache
def screen() -> Screen:
    """The screen of this run, started when it is first asked for; it ends with the run."""
    return _running.__enter__()


def close() -> None:
    """End the screen, if there is one."""
    if screen.cache_info().currsize:
        _running.__exit__(None, None, None)
