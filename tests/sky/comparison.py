"""The database's answers about pairs of regions beside those by brute force, all of a run in one statement."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import psycopg

from tests.sky import sphere
from tests.sky.pairs import Parts
from tests.sky.sphere import Judgement, Numbers, Truths
from voserver.catalogue import sky

NEAR = np.radians(1e-9)
"""Answers may differ where a shift of a nanodegree (3.6 microarcseconds) would change them."""

_POINT = ("sky.longitude(a)", "sky.latitude(a)")
_ASKED = {
    "intersects": "sky.intersects(a, b)",
    "turned": "sky.intersects(b, a)",
    "boxes": "sky.bounds(a) && sky.bounds(b)",
    "contains": "sky.contains(a, b)",
    "contained": "sky.contains(b, a)",
    "contains_point": sky.contains_point(_POINT, "b"),
    "area": "sky.area(a)",
    "other_area": "sky.area(b)",
    "cone": sky.closer(
        _POINT, ("sky.longitude(b)", "sky.latitude(b)"), "CASE b[1] WHEN 2 THEN b[6] ELSE 0 END"
    ),
    "distance": sky.distance(_POINT, ("sky.longitude(b)", "sky.latitude(b)")),
}
_STATEMENT = f"""
WITH pairs AS MATERIALIZED (
    SELECT number, sky.region(one) AS a, sky.region(other) AS b
    FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS given (one, other, number))
SELECT {", ".join(f"{expression} AS {name}" for name, expression in _ASKED.items())} FROM pairs ORDER BY number
"""


@dataclass
class Agreement:
    """How often answers were compared, per function and kinds; and where they were not the same."""

    compared: Counter[tuple[str, str]] = field(default_factory=Counter)
    near: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def judge(self, key: tuple[str, str], ours: list[bool], judgement: Judgement, texts: list[str]) -> None:
        """Compare answers with what brute force says; nearer than NEAR to an edge either is right."""
        truths, margins = judgement
        differs = np.asarray(ours, bool) != truths
        self._add(key, differs & (margins >= NEAR), differs & (margins < NEAR), texts)

    def measure(
        self, key: tuple[str, str], ours: list[float], truth: Numbers, slack: Numbers, texts: list[str]
    ) -> None:
        """Compare measures, which may differ by a slack."""
        differs = ~(np.abs(np.asarray(ours, np.longdouble) - truth) <= slack)
        self._add(key, differs, np.zeros_like(differs), texts)

    def _add(self, key: tuple[str, str], wrong: Truths, near: Truths, texts: list[str]) -> None:
        self.compared[key] += len(texts)
        self.near[key] += int(near.sum())
        self.wrong.setdefault(key, []).extend(texts[place] for place in np.flatnonzero(wrong))

    def add(self, other: "Agreement") -> None:
        """Take over what another comparison found."""
        self.compared += other.compared
        self.near += other.near
        for key, texts in other.wrong.items():
            self.wrong.setdefault(key, []).extend(texts)

    @property
    def faults(self) -> list[str]:
        """Every pair of shapes that was answered wrongly, with the function."""
        return [f"{function}: {text}" for (function, _), texts in self.wrong.items() for text in texts]


def texts(region: Parts) -> list[str]:
    """STC-S, the parts of a union one after the other."""
    return [" ".join(parts) for parts in zip(*(shapes.texts for shapes in region), strict=True)]


def compare(connection: psycopg.Connection, pairs: Iterable[tuple[str, Parts, Parts]]) -> Agreement:
    """Ask the database about all pairs at once, and judge its answers."""
    batches = list(pairs)
    ones = [text for _, one, _ in batches for text in texts(one)]
    others = [text for _, _, other in batches for text in texts(other)]
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(_STATEMENT.encode(), [ones, others]).fetchall()
    answers = {name: [row[place] for row in rows] for place, name in enumerate(_ASKED)}
    agreement = Agreement()
    start = 0
    for kinds, one, other in batches:
        end = start + len(one[0].texts)
        said = [f"{a} | {b}" for a, b in zip(ones[start:end], others[start:end], strict=True)]
        _judge(
            agreement, kinds, (one, other), {name: found[start:end] for name, found in answers.items()}, said
        )
        start = end
    return agreement


def _judge(
    agreement: Agreement,
    kinds: str,
    pair: tuple[Parts, Parts],
    answers: dict[str, list[float]],
    said: list[str],
) -> None:
    one, other = pair
    first, second = kinds.split(", ")
    meet = sphere.some([sphere.meet(a, b) for a in one for b in other])
    asked = {name: [bool(value) for value in values] for name, values in answers.items()}
    agreement.judge(("intersects", kinds), asked["intersects"], meet, said)
    agreement.judge(("intersects", f"{second}, {first}"), asked["turned"], meet, said)
    # Boxes may overlap about shapes that do not meet; what they must not do is lose a pair.
    boxes = [overlap or not met for overlap, met in zip(asked["boxes"], meet[0], strict=True)]
    agreement.judge(("bounds", kinds), boxes, (np.ones_like(meet[0]), meet[1]), said)
    for name, order, outer, inner in (
        ("contains", f"{first} in {second}", other, one),
        ("contained", f"{second} in {first}", one, other),
    ):
        held = sphere.every([sphere.some([sphere.hold(a, b) for a in outer]) for b in inner])
        agreement.judge(("contains", order), asked[name], held, said)
    for name, kind, region in (("area", first, one), ("other_area", second, other)):
        truth: Numbers = np.sum([sphere.area(shapes) for shapes in region], axis=0)
        # A part in a million; of slivers a hundredth of a square milliarcsecond.
        agreement.measure(
            ("area", kind), answers[name], truth, np.asarray(truth * 1e-6 + 1e-15, np.longdouble), said
        )
    if first == "point":
        agreement.judge(("contains_point", kinds), asked["contains_point"], meet, said)
        if second in {"point", "circle"}:
            agreement.judge(("cone", kinds), asked["cone"], meet, said)
            apart = sphere.angle(one[0].centres, other[0].centres)
            _distance(agreement, kinds, apart, answers["distance"], said)


def _distance(agreement: Agreement, kinds: str, truth: Numbers, ours: list[float], said: list[str]) -> None:
    degrees = truth * (180 / sphere.PI)
    agreement.measure(
        ("distance", kinds), ours, degrees, np.full(truth.shape, 1e-13, dtype=np.longdouble), said
    )
