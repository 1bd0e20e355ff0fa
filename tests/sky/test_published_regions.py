"""An operator is told of footprints that cannot be read, where a query would take them for null."""

from pathlib import Path

import pytest

from voserver.catalogue import publish
from voserver.model.errors import UsageError

DESCRIPTION = """
name: guarded
description: Fields, some of which are none
tables:
- name: fields
  description: Fields
  columns:
  - {name: id, datatype: int, description: A number}
  - {name: region, datatype: text, description: A footprint, "votable:xtype": "adql:REGION"}
"""


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("Circle ICRS 10 95 1",
         "region 'Circle ICRS 10 95 1' is not a region: the circle has a latitude of 95.0, beyond -90..90."),
        ("Circle ICRS 1e-999 5 1", "it has numbers beyond what such a shape has"),
        ("Circle ICRS 10 5 1 Circle ICRS 10 5 -1", "circle 2 of 2 has a radius of -1.0, beyond 0..180"),
    ],
)  # fmt: skip
def test_an_operator_is_told_of_footprints_that_are_none(
    database_url: str, tmp_path: Path, region: str, reason: str
) -> None:
    description, data = tmp_path / "fields.yaml", tmp_path / "fields.csv"
    description.write_text(DESCRIPTION, encoding="utf-8")
    data.write_text(f"id,region\n1,Circle ICRS 10 5 1\n2,\n3,{region}\n", encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        publish.publish(database_url, description, data, replace=False)
    assert reason in str(refusal.value)
    assert "It is like" in (refusal.value.hint or "")
