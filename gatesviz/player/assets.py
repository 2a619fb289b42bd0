"""Join the player's JavaScript files into one module, without a build step.

Each file is an ES module. Joined, they share one scope, so their imports of each other and the
word `export` are removed. Every other line stays as it is.
"""

import functools
import re
from importlib.resources import files

MODULES = (
    "dom.js",
    "pointing.js",
    "spelling.js",
    "numbers.js",
    "words.js",
    "backward.js",
    "answers.js",
    "colours.js",
    "ordering.js",
    "arrays.js",
    "describe.js",
    "decode.js",
    "expressions.js",
    "passes.js",
    "engine.js",
    "recomputed.js",
    "edits.js",
    "edited.js",
    "answerchanges.js",
    "editing.js",
    "wiring.js",
    "diagram.js",
    "canvas.js",
    "letters.js",
    "lane.js",
    "answerlane.js",
    "hover.js",
    "difference.js",
    "stretch.js",
    "lanes.js",
    "equations.js",
    "textstrip.js",
    "gif.js",
    "painting.js",
    "video.js",
    "filming.js",
    "toolbar.js",
    "column.js",
    "clock.js",
    "playing.js",
    "standing.js",
    "editactions.js",
    "scene.js",
    "keys.js",
    "together.js",
    "player.js",
)
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./[\w.]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)


def asset(name: str) -> str:
    """Return the text of a file in this folder."""
    return files("gatesviz.player").joinpath(name).read_text(encoding="utf-8")


def module(*names: str) -> str:
    """Join JavaScript files of this folder into one; each must come after those it imports."""
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", asset(name))) for name in names)


@functools.cache
def script() -> str:
    """Return the player's code as one module with the functions `showPlayer` and `removePlayer`."""
    return module(*MODULES)


@functools.cache
def style() -> str:
    """Return the player's style sheet."""
    return asset("player.css")
