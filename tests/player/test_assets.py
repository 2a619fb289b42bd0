"""The player's files as one module: joined without a build step, and nothing reaches outside."""

import re
from collections import Counter
from importlib.resources import files

import pytest

from gatesviz.player.assets import MODULES, asset, module, script, style

FOLDER = {file.name for file in files("gatesviz.player").iterdir()}
OTHER_PARTS = (
    "sketch.js",
    "learned.js",
    "curves.js",
    "growth.js",
    "picture.js",
    "addresses.js",
    "lessonscroll.js",
    "lessonanswers.js",
    "lessonparts.js",
    "lesson.js",
    "sliders.js",
    "links.js",
    "openingstage.js",
    "opening.js",
    "live.js",
    "board.js",
    "lockedsettings.js",
    "roomcontrols.js",
    "room.js",
    "stretches.js",
    "presenter.js",
    "sheet.js",
    "showcontrols.js",
    "pagemenu.js",
    "mounts.js",
    "reading.js",
    "typing.js",
    "tinycell.js",
    "lessonviews.js",
    "lessonpage.js",
)
ALL = (*MODULES, *OTHER_PARTS)
LIVE = "live.js"
"""The only file that talks to a server, which is the page's own."""
IMPORTED = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";$', re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:async )?(?:function\*?|class|const|let|var) (\w+)", re.MULTILINE)
DESTRUCTURED = re.compile(r"^(?:const|let|var) [\[{] ?([\w, ]+?) ?[\]}] =", re.MULTILINE)
SVG = "http://www.w3.org/2000/svg"


def test_every_file_is_part_of_it() -> None:
    assert {name for name in FOLDER if name.endswith(".js")} == set(ALL)
    assert len(ALL) == len(set(ALL))


@pytest.mark.parametrize("name", ALL)
def test_each_module_imports_what_stands_before_it_and_is_exported_there(name: str) -> None:
    before = ALL[: ALL.index(name)]
    for names, source in IMPORTED.findall(asset(name)):
        assert source in before
        exported = set(EXPORTED.findall(asset(source)))
        assert {one.strip() for one in names.split(",")} <= exported


@pytest.mark.parametrize("name", MODULES[:-1])
def test_each_module_is_reached_from_the_last(name: str) -> None:
    reached, waiting = set(), [MODULES[-1]]
    while waiting:
        one = waiting.pop()
        reached.add(one)
        waiting += [source for _, source in IMPORTED.findall(asset(one)) if source not in reached]
    assert name in reached


@pytest.mark.parametrize(
    ("joined", "names"),
    [(script(), {"showPlayer", "removePlayer"}), (module(*ALL), {"mountPart"})],
    ids=["player", "all parts"],
)
def test_joined_it_is_one_script(joined: str, names: set[str]) -> None:
    assert not re.search(r"^\s*(import|export)\b", joined, re.MULTILINE)
    together = [one for names in DESTRUCTURED.findall(joined) for one in names.split(", ")]
    found = Counter([*TOP_LEVEL.findall(joined), *together])
    assert {name for name, count in found.items() if count > 1} == set()
    assert names <= found.keys()


@pytest.mark.parametrize(
    "risky",
    [
        *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFrag"),
        *("eval(", "Function(", "fetch(", "XMLHttpRequest", "WebSocket", "EventSource"),
        *("sendBeacon", "localStorage", "indexedDB", "document.cookie", "importScripts", "import("),
        *("</script", "<!--"),  # either would end or change the script element of the page
    ],
)
def test_nothing_reads_text_as_code_or_asks_the_network(risky: str) -> None:
    allowed = {LIVE} if risky == "WebSocket" else set()
    assert [name for name in ALL if risky in asset(name)] == sorted(allowed)


def test_the_only_address_is_the_name_of_svg() -> None:
    addresses = re.findall(r"""(?:https?:)?//[\w.-]+\.\w+[^"'\s]*""", script().replace(SVG, ""))
    assert addresses == []
    assert "http" not in style()
    assert "url(" not in style()
    assert "@import" not in style()
