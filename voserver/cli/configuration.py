"""Settings for a command: from the environment and the command's options; and their documentation."""

import types
from typing import Literal, get_args, get_origin

from pydantic import ValidationError

from voserver.model.errors import UsageError
from voserver.settings import Settings

_PREFIX = "VOSERVER_"


def read_settings(**options: object) -> Settings:
    """The settings of the environment, with the options that were given (not None) in their place."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings.model_validate(Settings().model_dump() | given) if given else Settings()
    except ValidationError as error:
        faults = [f"{_PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise UsageError(
            "; ".join(faults), hint="`voserver settings` says what each setting takes."
        ) from error


def markdown() -> str:
    """The page `docs/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Environment variables; there is no configuration file. `voserver settings` prints this page, and",
        "`voserver doctor` checks what is set.",
        "",
        "| variable | takes | default | meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory or field.default is None else f"`{field.default}`"
        if name == "data_dir":
            default = "the platform's user data directory"
        takes = _kind(field.annotation)
        lines.append(f"| `{_PREFIX}{name.upper()}` | {takes} | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def _kind(annotation: object) -> str:
    """What a setting takes, in words."""
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(annotation))
    if isinstance(annotation, types.UnionType):
        return _kind(next(kind for kind in get_args(annotation) if kind is not types.NoneType))
    if get_origin(annotation) is list:
        return "JSON"
    words = {"bool": "`true` or `false`", "int": "a whole number", "str": "text", "Path": "a directory"}
    return words[getattr(annotation, "__name__", "")]
