"""Measure the time and memory of reading the largest allowed files.

Each file is read in a separate process, and memory is the rise of its peak. In the app a reading
slows down the threads that draw pages. Run as ``python -m benchmarks.reading``.
"""

import importlib
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from gatesviz.limits import CSV_CELLS, CSV_ROWS, UPLOAD_BYTES
from gatesviz.sequences import read_table


def _rows(row: str, header: str = "") -> bytes:
    """Return as many rows as one table may have."""
    cells = row.count(",") + 1
    count = min((UPLOAD_BYTES.high - 99) // (len(row) + 1), CSV_ROWS.high, CSV_CELLS.high // cells)
    return (header + f"{row}\n" * (count - 2)).encode()


def _hourly() -> bytes:
    """Return 43,824 × 13 cells, as hourly data of five years has them."""
    header = "No,year,month,day,hour,pm2.5,DEWP,TEMP,PRES,cbwd,Iws,Is,Ir\n"
    row = "{0},2010,1,1,{1},NA,-21,-11.5,1021,NW,1.79,0,0\n"
    return (header + "".join(row.format(k, k % 24) for k in range(43_824))).encode()


def _distinct(form: str) -> bytes:
    """Return one column of numbers that all differ."""
    cells = (form.format(k // 900, 100 + k % 900) for k in range(CSV_ROWS.high - 1))
    return ("v\n" + "\n".join(cells)).encode()[: UPLOAD_BYTES.high].rpartition(b"\n")[0]


def _dates() -> bytes:
    days = [f"{k % 12 + 1}/{k % 28 + 1}/{1600 + k // 336}" for k in range(140_000)]
    return ("date,v\n" + "".join(f"{day},{k}\n" for k, day in enumerate(days * 2))).encode()


FILES: Mapping[str, Callable[[], bytes]] = {
    "hourly data of five years, 43,824 × 13": _hourly,
    "one column of numbers": lambda: _rows("3.14159"),
    "ten columns of digits": lambda: _rows(",".join("1" * 10)),
    "dollars": lambda: _distinct("${0}.{1}"),
    "thousands, in accounts": lambda: _distinct('"(1,{1}.{0})"'),
    "dates, day or month first": _dates,
    "one line of numbers": lambda: b"3.14159265358979 " * 290_000,
    "new lines": lambda: b"\n" * UPLOAD_BYTES.high,
    "10,000 columns": lambda: (b"1," * 9_999 + b"1\n") * 200,
}


def measure(name: str) -> None:
    """Read one file and print its line."""
    importlib.import_module("pandas")  # the app has loaded it long before

    data = FILES[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        table = read_table(data, "x.csv")
        result = f"{len(table.rows):,} × {len(table.names):,}"
    except ValueError as error:
        result = f"refused: {str(error)[:60]}"
    seconds = time.process_time() - start
    rise = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{name}: {len(data) / 1e6:.1f} MB, {seconds:.2f} s, {rise:.0f} MB more; {result}")


def main() -> None:
    """Measure every file."""
    for name in FILES:
        subprocess.run([sys.executable, __file__, name], check=True)


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
