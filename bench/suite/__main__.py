"""Measures iforest and its peers; started by bench/inside.sh.

Prints Markdown to standard output and progress to standard error. The
environment says how much (BENCH_SIZE: quick, normal or full), which sections
(BENCH_SECTIONS, empty: all), and where labelled tables are (BENCH_DATA).
BENCH_GATE is "hold" to hold committed ratios instead, "write" to write them.
"""

import os
import sys
import time

import psycopg2

import core
import data
import gate
import growth
import machine
import memory
import peer_paths
import relatives
import scoring
import shapes
import statements
import training
from measure import Waiting, alternate
from report import Report, progress
from server import Session

SECTIONS = {
    "core": core.measure,
    "scoring": scoring.measure,
    "relatives": relatives.measure,
    "training": training.measure,
    "shapes": shapes.measure,
    "statements": statements.measure,
    "peers": peer_paths.measure,
    "memory": memory.measure,
    "growth": growth.measure,
}


class Bench:
    """What all sections share: a session, the report, sizes and base rows."""

    def __init__(self, size):
        self.size = size
        self.quick = size == "quick"
        self.rounds = 3 if self.quick else 5
        self.report = Report()
        self.session = Session()
        self.columns = data.names(10)
        self.make_base()

    def make_base(self):
        """The table "base" of ten columns, the same rows in memory, and the
        default model of it in the table "models"."""
        cover = data.cover(os.environ.get("BENCH_DATA"))
        copies = 1 if self.quick else 4
        if cover is not None:
            self.matrix = data.np.tile(cover, (copies, 1))
            self.base = f"cover x {copies}"
        else:
            self.matrix = data.blobs(286048 * copies, 10)
            self.base = "synthetic"
        self.base += f" ({len(self.matrix)} rows, 10 float8 columns)"
        data.make_models_table(self.session)
        data.load(self.session, "base", self.matrix)
        data.train(self.session, "base", self.columns, "base")

    def alternate(self, contestants, extra=0):
        """As measure.alternate, with more rounds where runs are short."""
        return alternate(contestants,
                         self.rounds + (0 if self.quick else extra))


def run_section(bench, name):
    """A section that fails is noted, and costs only itself."""
    progress(name)
    try:
        SECTIONS[name](bench)
    except (psycopg2.Error, OSError, ValueError) as error:
        bench.report.note(f"**{name} failed: {str(error).strip()}**")
        progress(f"{name} failed: {error}")
        bench.session.close()
        bench.session = Session()


def main():
    wanted = os.environ.get("BENCH_SECTIONS", "").split() or list(SECTIONS)
    unknown = set(wanted) - set(SECTIONS)
    if unknown:
        sys.exit(f"no such section: {' '.join(sorted(unknown))}; "
                 f"there are: {' '.join(SECTIONS)}")
    start = time.time()
    load = os.getloadavg()[0]
    stolen, ticks = machine.stolen()
    progress("data")
    bench = Bench(os.environ.get("BENCH_SIZE", "normal"))
    if os.environ.get("BENCH_GATE"):
        gate.main(bench, os.environ["BENCH_GATE"])
        return
    for name in wanted:
        run_section(bench, name)

    stolen, ticks = (after - before for after, before in
                     zip(machine.stolen(), (stolen, ticks)))
    print(machine.describe(bench))
    print(f"- Run: {bench.size}, {time.time() - start:.0f} s; load average "
          f"{load:.1f} before, {os.getloadavg()[0]:.1f} after; measured "
          f"sessions waited for a processor {100 * Waiting.share():.1f} % of "
          f"their time, which is not counted; the host took "
          f"{100 * stolen / max(ticks, 1):.1f} % of the processors.")
    print()
    bench.report.print(sys.stdout)


main()
