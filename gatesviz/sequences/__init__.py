"""Input sequences: typed numbers, text, waves, tables, real series and the loudness of a sound.

Each function returns a `Sequence`, or raises a ValueError with one sentence for the reader.
"""

from gatesviz.sequences.audio import loudness
from gatesviz.sequences.characters import STAND_IN, code_point, visible
from gatesviz.sequences.commas import COMMAS, TwoReadingsError
from gatesviz.sequences.files import KINDS, Found, Kind, read_file
from gatesviz.sequences.sequence import SCALES, GapError, Sequence, numbers
from gatesviz.sequences.series import SERIES, Series, series, series_length
from gatesviz.sequences.table import Table
from gatesviz.sequences.table_reader import parse_table, read_table
from gatesviz.sequences.text import parse_text
from gatesviz.sequences.typed import parse_numbers
from gatesviz.sequences.waves import WAVES, Wave, drawn, wave

__all__ = [
    "COMMAS",
    "KINDS",
    "SCALES",
    "SERIES",
    "STAND_IN",
    "WAVES",
    "Found",
    "GapError",
    "Kind",
    "Sequence",
    "Series",
    "Table",
    "TwoReadingsError",
    "Wave",
    "code_point",
    "drawn",
    "loudness",
    "numbers",
    "parse_numbers",
    "parse_table",
    "parse_text",
    "read_file",
    "read_table",
    "series",
    "series_length",
    "visible",
    "wave",
]
