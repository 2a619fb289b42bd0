"""Every setting of the page *Find the unit*, once: its widget, its link and its check."""

from collections.abc import Mapping

from gatesviz.limits import (
    LAYERS_IN_FILE,
    READ_IN_ONE_GO,
    THRESHOLD,
    TYPED_CHARACTERS,
    Limit,
)
from gatesviz.ui.fields import Field, parameters
from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole
from gatesviz.ui.model_upload import FILE
from gatesviz.ui.what_if.parameters import LATCH, PACKAGED, YOURS

WHICH, WHERE = "which unit tracks a property?", "which steps have the same active units?"
VIEWS = (WHICH, WHERE)
FORMER_VIEWS = {
    "which unit tracks it?": WHICH,
    "where else are they active?": WHERE,
    "where else is it on?": WHERE,
    "where else are units active?": WHERE,
    "where are the same units active?": WHERE,
}
POSITION, DEPTH, QUOTES = "position", "open brackets", "inside quotes"
LETTER, ANSWER, OWN = "the letter to remember", "the expected answer", "your own labels"
IN_TABLE = "a column of your table"
PROPERTIES = (IN_TABLE, DEPTH, LETTER, QUOTES, ANSWER, POSITION, OWN)
"""In the order of the menu: the first that fits the model is chosen."""
WORSE, SAME, BETTER = "it gets worse", "no clear change", "it gets better"
GUESSES = (WORSE, SAME, BETTER)
ZERO, MEAN = "0", "its mean"
FIRST = next(label for label, name in PACKAGED.items() if name == "brackets-lstm")
MOST_SEQUENCES = 200
OWN_SEQUENCES = 1_000
"""Most sequences of your own texts or table."""
ENGLISH, OWN_TEXT = "English text about Python", "your own text"
WAVES, REAL, TYPED, TABLE = "waves", "a real series", "your own numbers", "your own table"
RANDOM, TASK = "random inputs", "new sequences of its task"
SOURCES = (ENGLISH, OWN_TEXT, WAVES, REAL, TYPED, TABLE, RANDOM, TASK)
"""What a model can read. The menu lists what fits it."""
ALL_ROWS, EACH_ROW = "all rows are one sequence", "each row is a sequence"

VIEW = Field(
    key="unview", label="View", takes=Choice(VIEWS, FORMER_VIEWS), default=WHICH, look="segments",
    options={"label_visibility": "collapsed"},
)  # fmt: skip
MODEL = Field(
    key="unmodel", label="Model", takes=Choice((*PACKAGED, LATCH, *YOURS, FILE)), default=FIRST,
    help="Models that come with gatesviz, the ones you trained on the page Train live, or your"
    " own file.",
)  # fmt: skip
PROPERTY = Field(
    key="unprop", label="Property", takes=Choice(PROPERTIES, {"bracket depth": DEPTH}),
    default=DEPTH,
    help="Choose what a unit may track. The menu lists only what fits the model. “The"
    " expected answer” is the right answer to the"
    " task that the model was trained on.",
)  # fmt: skip
TEXT = Field(
    key="untext", label="Your text", takes=Text(TYPED_CHARACTERS.high), default="", look="area",
    help="Characters that the model doesn't know are left out.",
)  # fmt: skip
SOURCE = Field(
    key="unread", label="Examine the units on", takes=Choice(SOURCES), default=ENGLISH,
    help=f"Your own text of up to {READ_IN_ONE_GO.high:,} steps is read in one go. The page"
    " cuts a longer text where no bracket or quotation is open. It also cuts a series, or a table"
    " of one sequence, into sequences. Random inputs are entries of the vocabulary with equal"
    " probability, or numbers with mean 0 and standard deviation 1.",
)  # fmt: skip
LINES = Field(
    key="unlines", label="Each line is a sequence", takes=Switch(), default=False,
    help=f"Switch this on to give several texts, up to {OWN_SEQUENCES:,}. Each line is then read"
    " from its own beginning.",
)  # fmt: skip
GROUP = Field(
    key="ungroup", label="Sequences", takes=Text(200), default="", look="select",
    help="If the table holds several sequences, choose the column that names them. Rows with the"
    " same name are one sequence, in the order of the table. If all rows are one sequence and they"
    " are numbers, they are cut into shorter sequences of equal length.",
)  # fmt: skip
TEXT_COLUMN = Field(
    key="unwords", label="Column that the model reads", takes=Text(200), default="", look="select",
    help="A cell may hold one entry of the vocabulary, or a whole text.",
)  # fmt: skip
LABEL_COLUMN = Field(
    key="uncolumn", label="Column of the property", takes=Text(200), default="", look="select",
    help="Numbers are compared by correlation. A column with two different labels, such as 0 and 1,"
    " is a yes or no. Other words are classes. An empty cell leaves its step out.",
)  # fmt: skip
SOURCE_TEXT = Field(
    key="unown", label="Text to read", takes=Text(TYPED_CHARACTERS.high), default="", look="area",
    help="A longer text shows more. What the model doesn't know is left"
    " out, or read as its entry for unknown words.",
)  # fmt: skip
FORECASTS = Field(
    key="unnext", label="Its answer is the next value", takes=Switch(), default=False,
    help="Switch this on if your model was trained to forecast what it reads. The page then"
    " measures the error of the forecast without each unit.",
)  # fmt: skip
LABELS = Field(
    key="unlabels", label="One label for each step", takes=Text(TYPED_CHARACTERS.high), default="",
    look="area",
    help="Write one character for each step, or words or numbers with spaces between them. Write -"
    " for a step without a label. If there are several sequences, write one line for each of them,"
    " or one line for the sequence that is shown.",
)  # fmt: skip
LAYER = Field(
    key="unlayer", label="Layer", takes=Whole(Limit("layer", 1, LAYERS_IN_FILE.high)), default=1,
    look="slider",
)  # fmt: skip
DIRECTION = Field(
    key="undir", label="Direction", takes=Choice(("forward", "backward")), default="forward",
    look="segments",
)  # fmt: skip
OFF = Field(
    key="unoff", label="A unit that is switched off stays at", takes=Choice((ZERO, MEAN)),
    default=ZERO, look="segments",
    help="At 0, the model loses everything that the unit contributes. At its mean, the unit is"
    " constant: the model loses only the unit's changes from step to step.",
)  # fmt: skip
SEQUENCE = Field(
    key="unseq", label="Sequence",
    takes=Whole(Limit("sequence", 0, OWN_SEQUENCES - 1)), default=0,
)  # fmt: skip
GUESS = Field(key="unguess", label="Guess", takes=Choice(GUESSES), default=None)
BEGIN = Field(
    key="unfrom",
    label="From step",
    takes=Whole(Limit("first step", 0, READ_IN_ONE_GO.high - 1)),
    default=8,
)
END = Field(
    key="unto",
    label="To step",
    takes=Whole(Limit("last step", 0, READ_IN_ONE_GO.high - 1)),
    default=11,
)
LEVEL = Field(
    key="unlevel", label="Threshold", takes=Number(THRESHOLD), default=0.3,
    options={"step": 0.1},
)  # fmt: skip
ONLY = Field(
    key="ununits", label="Only these units", takes=Text(200), default="",
    options={"placeholder": "all"},
    help="Type the numbers of the units to compare, such as 0, 3. An empty field means all units.",
)  # fmt: skip
FIELDS = (
    VIEW, MODEL, SOURCE, SOURCE_TEXT, LINES, GROUP, TEXT_COLUMN, FORECASTS, PROPERTY, LABEL_COLUMN,
    TEXT, LABELS, LAYER, DIRECTION, OFF, SEQUENCE, GUESS, BEGIN, END, LEVEL, ONLY,
)  # fmt: skip

WIDGETS: Mapping[str, Parameter] = parameters(FIELDS)
"""What widgets of the page hold."""
PARAMETERS: Mapping[str, Parameter] = WIDGETS
