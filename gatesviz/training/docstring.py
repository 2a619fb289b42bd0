"""Docstrings of generated scripts, which no text can end early."""


def docstring(text: str) -> str:
    """Return Python source of a docstring whose value is ``text``, whatever it holds.

    Text reaches source code through `repr` alone: a quote, a backslash, a line end other than
    ``\\n`` and what cannot be seen are escaped.
    """
    lines = [repr(line)[1:-1].replace('"', '\\"') for line in text.split("\n")]
    return '"""' + "\n".join(lines) + '"""'
