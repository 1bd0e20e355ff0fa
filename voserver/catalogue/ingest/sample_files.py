"""The files of one of the demonstration's subjects: simulated data, and pictures of these."""

from voserver.catalogue.cutouts.pictures import Look, draw, thumbnail
from voserver.catalogue.cutouts.unpacked import Opened
from voserver.catalogue.cutouts.wanted import Extent, Wanted
from voserver.sample.simulate import simulate
from voserver.sample.subjects import Circumstances, Cube, Subject

_SIZE = 640


class _InMemory:
    """A file that was just made."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`."""
        return self._content[start:end]


def make_files(subject: Subject, known: Circumstances) -> dict[str, bytes]:
    """The file, its preview and its thumbnail, by their names."""
    content = simulate(subject, known)
    opened = Opened(_InMemory(content), is_near=True)
    look = Look(size=_SIZE, least=_SIZE // 2, colors="inferno" if isinstance(subject, Cube) else "gray")
    picture = draw(opened, subject.file_name, Wanted(), Extent(), look, most_bytes=len(content))
    assert picture is not None
    names = subject.file_names
    return dict(zip(names, (content, picture, thumbnail(picture)), strict=True))
