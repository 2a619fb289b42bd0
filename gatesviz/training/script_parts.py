"""Parts of generated scripts: docstrings that no text can end early, and the file of your data."""


def docstring(text: str) -> str:
    """Return Python source of a docstring whose value is ``text``, whatever it holds.

    Text reaches source code through `repr` alone: a quote, a backslash, a line end other than
    ``\\n`` and what cannot be seen are escaped.
    """
    lines = [repr(line)[1:-1].replace('"', '\\"') for line in text.split("\n")]
    return '"""' + "\n".join(lines) + '"""'


OWN_FILE = "own.txt"
"""The file from which a script reads your own data."""
OWN_FILE_CHECK = f'''if not Path("{OWN_FILE}").is_file():
    raise SystemExit(
        f"This script reads your data from {OWN_FILE}, which is not in {{Path.cwd()}}."
        " Download it with the button “Your data for the script” and put it there."
    )
'''
"""Lines of a script that end it with a sentence if the file is missing."""
