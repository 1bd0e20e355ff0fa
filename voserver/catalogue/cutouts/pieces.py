"""The bytes of a cut-out, as they are written: headers that were made, and parts of the file that are passed on."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from math import prod

from voserver.catalogue.cutouts.cards import BLOCK
from voserver.catalogue.cutouts.selection import Box
from voserver.catalogue.cutouts.structure import Source, Unit

SPAN = 2 << 20
"""Bytes that are read at once."""

AHEAD = 4
"""Reads of a store that are under way at once, for one cut-out."""


@dataclass(frozen=True)
class Range:
    """Bytes of the file, from `start` up to `end`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many."""
        return self.end - self.start

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The same in parts of a size that can be held."""
        for start in range(self.start, self.end, SPAN):
            yield start, min(start + SPAN, self.end)


@dataclass(frozen=True)
class Slab:
    """A box of an array in the file."""

    unit: Unit
    box: Box

    @property
    def size(self) -> int:
        """The bytes of its pixels."""
        return prod(last - first + 1 for first, last in self.limits()) * self.unit.width

    def limits(self) -> list[tuple[int, int]]:
        """The first and the last pixel of each axis, NAXIS1 first."""
        return [self.box.get(axis, (1, length)) for axis, length in enumerate(self.unit.shape, 1)]

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The runs of bytes that hold it, in order: axes that are whole and lie close are one run."""
        limits, shape, width = self.limits(), self.unit.shape, self.unit.width
        whole = 0
        while whole < len(shape) and limits[whole] == (1, shape[whole]):
            whole += 1
        inner = min(whole, len(shape) - 1)
        stride = width * prod(shape[:inner])
        first, last = limits[inner]
        outer = [range(low - 1, high) for low, high in reversed(limits[inner + 1 :])]
        strides = [width * prod(shape[:axis]) for axis in reversed(range(inner + 1, len(shape)))]
        for offset in _offsets(outer, strides):
            start = self.unit.data + offset
            yield from Range(start + (first - 1) * stride, start + last * stride).ranges()


def _offsets(places: Sequence[range], strides: Sequence[int]) -> Iterator[int]:
    """Where each combination of places lies."""
    # (itertools.product would first hold all places of each axis.)
    if not places:
        yield 0
        return
    for place in places[0]:
        for offset in _offsets(places[1:], strides[1:]):
            yield place * strides[0] + offset


_NEAR_GAP = 16 << 10
_FAR_GAP = 256 << 10

Piece = bytes | Range | Slab


def size_of(piece: Piece) -> int:
    """The bytes that a piece is written as."""
    return len(piece) if isinstance(piece, bytes) else piece.size


def filled(pieces: Sequence[Piece], filling: bytes = b"\0") -> list[Piece]:
    """With what fills the last block (FITS 4.0 §3.3.2)."""
    return [*pieces, filling * (-sum(map(size_of, pieces)) % BLOCK)]


def write(pieces: Sequence[Piece], source: Source, *, is_near: bool) -> Iterator[bytes]:
    """All bytes in order. What lies close together is read at once, with what is between.

    Across a net that takes less time than to ask again; `is_near` says that there is none.
    """
    gap = _NEAR_GAP if is_near else _FAR_GAP
    with ExitStack() as stack:
        threads = None if is_near else stack.enter_context(ThreadPoolExecutor(AHEAD))
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            elif threads is None:
                for span in _spans(piece, gap):
                    yield _wanted(span, source.read(span.start, span.end))
            else:
                yield from _read_ahead(_spans(piece, gap), source, threads)


@dataclass
class _Span:
    """One read, and the parts of it that are wanted."""

    start: int
    end: int
    parts: list[tuple[int, int]]


def _spans(piece: Range | Slab, gap: int) -> Iterator[_Span]:
    span: _Span | None = None
    for start, end in piece.ranges():
        if span is not None and start - span.end <= gap and end - span.start <= SPAN:
            span.end = end
            span.parts.append((start, end))
            continue
        if span is not None:
            yield span
        span = _Span(start, end, [(start, end)])
    if span is not None:
        yield span


def _read_ahead(spans: Iterator[_Span], source: Source, threads: ThreadPoolExecutor) -> Iterator[bytes]:
    running: deque[tuple[_Span, Future[bytes]]] = deque()
    try:
        for span in spans:
            running.append((span, threads.submit(source.read, span.start, span.end)))
            if len(running) >= AHEAD:
                first, reading = running.popleft()
                yield _wanted(first, reading.result())
        while running:
            first, reading = running.popleft()
            yield _wanted(first, reading.result())
    finally:
        for _, reading in running:
            reading.cancel()


def _wanted(span: _Span, content: bytes) -> bytes:
    """What is wanted of a read, in one piece."""
    if len(span.parts) == 1:
        return content
    view = memoryview(content)
    return b"".join(view[start - span.start : end - span.start] for start, end in span.parts)
