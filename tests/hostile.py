"""Texts that do something where they are taken for anything else than text."""

MARK = "hacked"
"""The file that the code in `TITLES` makes, where it is run."""

_RUNS = f'__import__("pathlib").Path("{MARK}").touch()'

TITLES = (
    f'"""+str({_RUNS})+"""',
    f"'''+str({_RUNS})+'''",
    f"'+str({_RUNS})+'",
    f'"+str({_RUNS})+"',
    f"x\n{_RUNS}\n",
    f"x\r{_RUNS}\r",
    f"{{{_RUNS}}}",
    f'\\"""\n{_RUNS}\n"""',
    'a"""b',
    "ends in \\",
    "half a \ud800 surrogate, \u202e turned, \u2028 parted, \x00 and \x0c",
)
"""Titles of a series, or names of a column, as somebody with a grudge writes them."""

COMMANDS = (
    '=HYPERLINK("http://127.0.0.1/","x")',
    "'; DROP TABLE gv_rooms; --",
    "' OR '1'='1",
    "../../x",
    "$title ${title} {{title}} %s",
    "long" * 25_000,
)
"""Texts that a spreadsheet, a database, a path or a template may obey."""

MARKUP = (
    "</script></title></textarea><script>window.hacked = 1</script>"
    "<img src=x onerror=window.hacked=1>\u2028`${window.hacked=1}`"
)
"""Text that sets ``window.hacked`` where it is taken for HTML or JavaScript."""
