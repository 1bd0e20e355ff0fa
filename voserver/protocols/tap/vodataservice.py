"""Tables as VOSI describes them (VOSI 1.1 §2.3, VODataService 1.2 §3.3): model.tables in, XML classes out.

The classes of vo-models are mended where its output is not what was put in: they escape text that the XML
writer escapes again, put quotes around names, and do not know `extendedType`.
"""

from typing import Any

from pydantic import field_validator
from pydantic_xml import BaseXmlModel, attr, element
from typing_extensions import override
from vo_models.vodataservice import models as vodataservice
from vo_models.vosi.tables import models as vosi

from voserver.model import tables as model
from voserver.model.reserved import delimited
from voserver.protocols.documents import xml_document


class _DataType(vodataservice.DataType, tag="dataType"):
    extended_type: str | None = attr(name="extendedType", default=None)


class _Column(vodataservice.TableParam, tag="column"):
    datatype: _DataType | None = element(tag="dataType", default=None)

    def __init__(self, **data: Any) -> None:  # noqa: ANN401 -- pydantic's own signature
        BaseXmlModel.__init__(self, **data)

    @override
    @field_validator("column_name")
    @classmethod
    def validate_colname(cls, value: str) -> str:
        """Left as it is: `_column` has quoted what needs it."""
        return value

    @override
    @field_validator("description")
    @classmethod
    def validate_description(cls, value: str | None) -> str | None:
        """Left as it is: the XML writer escapes."""
        return value


class _Table(vodataservice.Table, tag="table"):
    # Narrower than in the base: the writer goes by the declared type.
    column: list[_Column] | None = element(  # type: ignore[assignment]
        tag="column", default_factory=list, ns=""
    )

    def __init__(self, **data: Any) -> None:  # noqa: ANN401
        BaseXmlModel.__init__(self, **data)


class _VosiTable(_Table, tag="table", ns="vosi", nsmap=vosi.NSMAP):
    pass


class _Schema(vodataservice.TableSchema, tag="schema"):
    table: list[_Table] | None = element(  # type: ignore[assignment]
        tag="table", default_factory=list
    )

    def __init__(self, **data: Any) -> None:  # noqa: ANN401
        BaseXmlModel.__init__(self, **data)


class _TableSet(vosi.VOSITableSet, tag="tableset", ns="vosi", nsmap=vosi.NSMAP):
    tableset_schema: list[_Schema] = element(tag="schema")  # type: ignore[assignment]


def _column(column: model.TableColumn) -> _Column:
    facts = column.column
    flags = {"indexed": column.indexed, "principal": column.principal, "std": column.std}
    return _Column(
        column_name=delimited(column.name),
        description=facts.description,
        unit=facts.unit,
        ucd=facts.ucd,
        utype=facts.utype,
        datatype=_DataType(value=facts.datatype, arraysize=facts.arraysize, extended_type=facts.xtype),
        flag=[name for name, is_set in flags.items() if is_set],
    )


def _foreign_key(key: model.ForeignKey) -> vodataservice.ForeignKey:
    pairs = [
        vodataservice.FKColumn(from_column=source, target_column=target) for source, target in key.columns
    ]
    return vodataservice.ForeignKey(
        target_table=key.target_table, fk_column=pairs, description=key.description, utype=key.utype
    )


def _facts(table: model.Table, *, brief: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "table_type": table.kind,
        "table_name": table.full_name,
        "description": table.description,
        "utype": table.utype,
    }
    if not brief:
        facts["column"] = [_column(column) for column in table.columns]
        facts["foreign_key"] = [_foreign_key(key) for key in table.foreign_keys]
    return facts


def table_document(table: model.Table) -> bytes:
    """One table, whole (VOSI 1.1 §2.3)."""
    return xml_document(_VosiTable(**_facts(table, brief=False)))


def table_set_document(tables: model.Tables, *, brief: bool) -> bytes:
    """All tables; without their columns and keys where the client wants it brief."""
    schemas = [
        _Schema(
            schema_name=schema.name,
            description=schema.description,
            utype=schema.utype,
            table=[_Table(**_facts(table, brief=brief)) for table in schema.tables],
        )
        for schema in tables.schemas
    ]
    return xml_document(_TableSet(tableset_schema=schemas))
