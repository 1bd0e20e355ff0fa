"""The rules of the layout that no linter knows: who may import whom, and how large things may grow."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from voserver.cli.configuration import markdown

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "voserver"

LAYERS: dict[str, set[str]] = {
    "model": set(),
    "serializers": {"model"},
    "catalogue": {"model", "settings", "sample"},
    "query": {"catalogue", "model"},
    "uploads": {"query", "catalogue", "model", "settings"},
    "jobs": {"uploads", "query", "catalogue", "model", "settings"},
    "protocols": {"jobs", "uploads", "query", "serializers", "catalogue", "model", "settings"},
    "sample": {"model"},
    "settings": set(),
}
"""What each package may import of voserver besides itself. The free ones may import all."""

FREE = {"app", "worker", "logs", "cli", "__main__", "__init__"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "core", "services", "manager", "managers", "common", "misc"}
LONGEST_MODULE = 500
LONGEST_FUNCTION = 70

MODULES = sorted(PACKAGE.rglob("*.py"))
SOURCES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def layer(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Every module of voserver that the file imports, with the line, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "voserver":
            names = [f"voserver.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from ((node.lineno, module) for module in names if module.split(".")[0] == "voserver")


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_downwards(path: Path) -> None:
    here = layer(path)
    if here in FREE:
        return
    allowed = LAYERS[here] | {here, "__version__"}
    wrong = [
        f"{name(path)}:{line} imports {module}"
        for line, module in imported_modules(path)
        if module != "voserver" and module.split(".")[1] not in allowed
    ]
    assert not wrong, f"{here} may import only {sorted(allowed)}"


def test_imports_of_the_package_are_absolute() -> None:
    relative = [
        f"{name(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_modules_and_functions_can_be_read_in_one_sitting(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_MODULE, "split the module"
    long = [
        f"{node.name} has {length} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert not long


def test_names_say_what_is_inside() -> None:
    vague = [
        name(path) for path in [*MODULES, *PACKAGE.rglob("*/")] if path.stem.strip("_") in FORBIDDEN_NAMES
    ]
    assert not vague


def test_only_the_database_layer_speaks_to_postgresql() -> None:
    drivers = {"psycopg", "adbc_driver_manager", "adbc_driver_postgresql", "sqlalchemy"}
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in MODULES
        if layer(path) in {"model", "serializers", "query", "protocols"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
        )
        if module and module.split(".")[0] in drivers
    ]
    assert not wrong


def test_only_protocols_know_http() -> None:
    web = {"starlette", "uvicorn", "httpx"}
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in MODULES
        if layer(path) not in FREE | {"protocols"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
        )
        if module and module.split(".")[0] in web
    ]
    assert not wrong


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == markdown(), "run: make docs"


def test_every_dependency_is_justified() -> None:
    declared = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("]\n")[0]
    names = re.findall(r'^    "([a-z0-9-]+)', declared, flags=re.MULTILINE)
    page = (ROOT / "docs" / "dependencies.md").read_text()
    assert names
    assert not [dependency for dependency in names if f"| {dependency} " not in page]


def tracked_files() -> list[Path]:
    """The files under version control; where that is absent (an unpacked archive), the sources."""
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    paths = [ROOT / line for line in listing.stdout.splitlines()] if listing.returncode == 0 else SOURCES
    return [
        path for path in paths if path.suffix in {".py", ".md", ".sql", ".yaml", ".yml", ".toml", ".lark", ""}
    ]


def test_nothing_is_left_to_do_and_no_machine_is_named() -> None:
    # Put together here, so that this file does not find itself.
    words = ["TO" + "DO", "FIX" + "ME", "/wo" + "rk/", "/ro" + "ot/", "/tm" + "p/lab", "pypi" + ".org"]
    found = [
        f"{name(path)}: {word}"
        for path in tracked_files()
        if path.is_file() and path.name != "uv.lock"
        for word in words
        if word in path.read_text(errors="replace")
    ]
    assert not found
