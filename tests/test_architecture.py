"""The architecture, as a test: data flows one way, and each library has its place."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("gatesviz/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])

LAYERS = [  # a file imports only from its own row and from rows above it
    "gatesviz.version",
    "gatesviz.limits",
    "gatesviz.names",
    "gatesviz.strict_json",
    "gatesviz.storage",
    "gatesviz.databases",
    "gatesviz.theme",
    "gatesviz.cell_description",
    "gatesviz.cells",
    "gatesviz.sequences",
    "gatesviz.traces",
    "gatesviz.player",
    "gatesviz.recordings",
    "gatesviz.gradients",
    "gatesviz.fresh",
    "gatesviz.tiny_cell",
    "gatesviz.presets",
    "gatesviz.tasks",
    "gatesviz.model_files",
    "gatesviz.trained",
    "gatesviz.training",
    "gatesviz.engine",
    "gatesviz.experiments",
    "gatesviz.detective",
    "gatesviz.lessons",
    "gatesviz.rooms",
    "gatesviz.challenges",
    "gatesviz.figures",
    "gatesviz.ui",
    "gatesviz.export",
    "gatesviz.cli",
    "pages",
    "app",
]
AT_THE_TOP = {  # where a heavy library may be loaded together with the file
    "torch": {
        "gatesviz.recordings",
        "gatesviz.gradients",
        "gatesviz.model_files",
        "gatesviz.trained.train",
        "gatesviz.training",
    },
    "streamlit": {"gatesviz.ui", "pages", "app"},
    "starlette": {"gatesviz.ui"},
    "sqlalchemy": {
        "gatesviz.engine.stored_runs",
        "gatesviz.rooms.answers",
        "gatesviz.rooms.asked",
        "gatesviz.rooms.database",
        "gatesviz.rooms.records",
        "gatesviz.rooms.store",
        "gatesviz.rooms.tables",
        "gatesviz.rooms.tally",
        "gatesviz.databases",
    },
    "segno": set(),
    "psutil": set(),
    "plotly": {"gatesviz.figures"},
    "pandas": set(),
    "vega_datasets": set(),
    "anywidget": set(),
    "scipy": set(),
    "statsmodels": set(),
    "arch": set(),
    "h5py": set(),
    "onnx": set(),
}
INSIDE = {  # where it may be loaded when a function needs it, or named in a type
    "torch": {
        "gatesviz.cell_description",
        "gatesviz.cells",
        "gatesviz.fresh",
        "gatesviz.tiny_cell",
        "gatesviz.gradients",
        "gatesviz.model_files",
        "gatesviz.recordings",
        "gatesviz.tasks",
        "gatesviz.trained",
        "gatesviz.export",
        "gatesviz.training",
        "gatesviz.engine",
        "gatesviz.experiments",
        "gatesviz.detective",
        "gatesviz.lessons",
        "gatesviz.challenges",
        "gatesviz.ui",
    },
    "streamlit": {"gatesviz.ui", "gatesviz.cli", "pages", "app"},
    "starlette": {"gatesviz.ui"},
    "sqlalchemy": {
        "gatesviz.rooms",
        "gatesviz.engine.stored_runs",
        "gatesviz.databases",
    },
    "segno": {"gatesviz.ui.classroom"},
    "psutil": {"gatesviz.ui.classroom"},
    "plotly": {"gatesviz.sequences", "gatesviz.figures"},
    "pandas": {"gatesviz.sequences", "gatesviz.recordings"},
    "vega_datasets": {"gatesviz.sequences"},
    "anywidget": {"gatesviz.player"},
    "scipy": {"gatesviz.experiments", "gatesviz.detective", "gatesviz.sequences"},
    "statsmodels": {"gatesviz.experiments"},
    "arch": {"gatesviz.experiments"},
    "h5py": {"gatesviz.model_files"},
    "onnx": {"gatesviz.model_files"},
}
DEFINITIONS = (ast.ClassDef, ast.FunctionDef)


class Import(NamedTuple):
    """One imported name, and whether importing the file loads it."""

    name: str
    at_the_top: bool


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, at_the_top: bool = True) -> Iterator[Import]:
    """Yield every import of ``tree``; functions and TYPE_CHECKING blocks are not at the top."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, at_the_top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute: pages run as __main__"
            yield from (Import(f"{node.module}.{alias.name}", at_the_top) for alias in node.names)
        else:
            later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            later |= isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            yield from imports(node, at_the_top and not later)


def within(module: str, rows: set[str] | list[str]) -> str | None:
    """Return the one of ``rows`` that holds ``module``."""
    return next((row for row in rows if f"{module}.".startswith(f"{row}.")), None)


def parsed(path: Path) -> list[Import]:
    return list(imports(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_one_way(path):
    here = within(module_of(path), LAYERS)
    if module_of(path) == "gatesviz":  # the face names every layer
        return
    assert here is not None, f"{module_of(path)} has no row in LAYERS"
    for name, _ in parsed(path):
        target = within(name, LAYERS)
        if target is not None:
            assert LAYERS.index(target) <= LAYERS.index(here), f"{here} imports {name}"
        else:
            assert name.split(".")[0] != "gatesviz", f"{here} imports the package's face: {name}"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_each_library_has_its_home(path):
    here = module_of(path)
    for name, at_the_top in parsed(path):
        library = name.split(".")[0]
        allowed = INSIDE.get(library)
        assert allowed is None or within(here, allowed), f"{here} imports {library}"
        if at_the_top and library in AT_THE_TOP:
            assert within(here, AT_THE_TOP[library]), f"{here} loads {library} at its top"


def test_javascript_lives_in_the_player():
    assert {p.parent.name for p in ROOT.glob("gatesviz/**/*.js")} == {"player"}


def test_no_circle():
    modules = {module_of(path): path for path in FILES}
    graph = {}
    for module, path in modules.items():
        names = {name for name, at_the_top in parsed(path) if at_the_top}
        graph[module] = {n if n in modules else n.rpartition(".")[0] for n in names}
    assert "gatesviz.recordings.files" in graph["gatesviz.recordings.recording"]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(error.args[1]))


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import gatesviz", {"torch", "streamlit", "plotly", "pandas", "numpy"}),
        (
            "import gatesviz.sequences, gatesviz.player, gatesviz.traces, gatesviz.trained",
            {"torch", "streamlit", "plotly", "pandas"},
        ),
        (
            "import gatesviz.experiments, gatesviz.detective, gatesviz.lessons, gatesviz.figures",
            {"torch", "streamlit", "pandas"},
        ),
        ("import gatesviz.rooms", {"torch", "streamlit", "pandas", "sqlalchemy", "scipy"}),
        ("from gatesviz import record, load", {"streamlit", "plotly", "pandas"}),
        ("import gatesviz.cli", {"torch", "streamlit", "plotly", "pandas"}),
        ("import gatesviz.ui.compare.search", {"torch", "scipy", "statsmodels", "arch"}),
    ],
)
def test_what_an_import_leaves_unloaded(statement, unwanted):
    code = f"{statement}\nimport sys\nprint(*sorted({unwanted!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == []


def test_the_way_from_a_widget_to_an_update_is_as_written():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## From a widget to an update")[2].partition("\n## ")[0]
    steps = re.findall(r"^\d\. `(\S+\.py)`: (.*)$", section, re.MULTILINE)
    assert len(steps) == 8
    for path, sentence in steps:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.name for node in ast.walk(tree) if isinstance(node, DEFINITIONS)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        said = {name for code in re.findall(r"`(\w[\w.]*)`", sentence) for name in code.split(".")}
        assert said, f"{path}: no name"
        assert said <= names, f"{path} lacks {said - names}"
