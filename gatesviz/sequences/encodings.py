"""From the bytes of a file to its text."""

import codecs

from gatesviz.sequences.foreign import refuse_other_files


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text of a file, and the encoding it was read in.

    Tried in this order: UTF-8; UTF-16, if it begins with a byte order mark; Windows-1252; and
    Latin-1, which always fits.

    Raises:
        ValueError: if the bytes are an archive or another known kind of file, or no text.
    """
    refuse_other_files(data)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = [("utf-16", "UTF-16")]
    else:
        encodings = [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1")]
    for codec, name in encodings:
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise ValueError("the file begins like UTF-16 text, but is cut or damaged")
