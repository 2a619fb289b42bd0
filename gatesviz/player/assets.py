"""The player's code as one module: the files beside this one, joined without a build step.

Each file is an ES module of its own; joined, they share one scope, so their imports of each
other and the word `export` go. What remains is what is in the files, line for line.
"""

import functools
import re
from importlib.resources import files

MODULES = (
    "dom.js",
    "numbers.js",
    "words.js",
    "backward.js",
    "answers.js",
    "colours.js",
    "ordering.js",
    "describe.js",
    "decode.js",
    "wiring.js",
    "diagram.js",
    "canvas.js",
    "lane.js",
    "answerlane.js",
    "lanes.js",
    "equations.js",
    "textstrip.js",
    "toolbar.js",
    "column.js",
    "clock.js",
    "playing.js",
    "standing.js",
    "scene.js",
    "keys.js",
    "player.js",
)
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[\w.]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)


def asset(name: str) -> str:
    """Return the text of a file beside this module."""
    return files("gatesviz.player").joinpath(name).read_text(encoding="utf-8")


def module(*names: str) -> str:
    """Return files beside this module as one, each after those that it imports."""
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", asset(name))) for name in names)


@functools.cache
def script() -> str:
    """Return the player's modules as one, ending in functions `showPlayer` and `removePlayer`."""
    return module(*MODULES)


@functools.cache
def style() -> str:
    """Return the player's style sheet."""
    return asset("player.css")
