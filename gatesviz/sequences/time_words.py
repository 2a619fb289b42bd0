"""Names of months and weekdays in several languages, and names of columns that hold times."""

from collections.abc import Mapping

_MONTHS = (  # English, German, French, Spanish, Italian, Portuguese, Dutch
    "january jan januar janvier janv enero ene gennaio janeiro januari",
    "february feb februar février fevrier févr fevr febrero febbraio fevereiro fev februari",
    "march mar märz maerz mär mrz mars marzo março marco maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet juil julio luglio julho",
    "august aug août aout agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
_WEEKDAYS = (  # English, German, French, Spanish, Italian
    "monday mon montag lundi lun lunes lunedì",
    "tuesday tue tues dienstag mardi martes martedì",
    "wednesday wed wednes mittwoch mercredi mercoledì miércoles",
    "thursday thu thur thurs donnerstag jeudi jueves giovedì",
    "friday fri freitag vendredi viernes venerdì",
    "saturday sat satur samstag sonnabend samedi sábado sabato",
    "sunday sun sonntag dimanche domingo domenica",
)


def _numbered(rows: tuple[str, ...]) -> Mapping[str, int]:
    return {word: number for number, words in enumerate(rows, 1) for word in words.split()}


MONTHS = _numbered(_MONTHS)
"""Names of months, in lower case -> 1 to 12."""
WEEKDAYS = _numbered(_WEEKDAYS)
"""Names of weekdays, in lower case -> 1 (Monday) to 7."""

TIME_NAMES = frozenset({"date", "datetime", "time", "timestamp", "unix", "epoch", "ts"})
"""Names of columns of whole dates or times."""
DATE_NAMES = TIME_NAMES | {"day", "month", "year"}
"""Names of columns that label the rows by dates."""
_PERIOD_NAMES = frozenset(
    {"period", "periode", "période", "periodo", "fy", "fiscal year", "financial year"}
    | {"yr", "jahr", "année", "annee", "año", "anno", "ano", "jaar"}
    | {"datum", "zeit", "zeitpunkt", "zeitraum", "fecha", "hora", "heure", "ora", "tijd"}
)


def says_time(name: str) -> bool:
    """Return whether the name of a column says that it holds dates, times or periods."""
    word = " ".join(name.lower().replace("_", " ").split())
    return word in TIME_NAMES | _PERIOD_NAMES or word.endswith((" date", " time", " period"))
