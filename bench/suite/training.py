"""Training, beside a plain scan of the same table."""

import data
import peers
import workers


def measure_many(bench, train, largest):
    """The same of ten million rows, where next to nothing is kept."""
    session = bench.session
    n = 10 ** 7
    session.run("CREATE TABLE many AS SELECT b.* FROM base b, "
                f"generate_series(1, {n // len(bench.matrix) + 1}) LIMIT {n}")
    data.settle(session, "many")
    runs = {"max(x10)": session.query(largest.format("many")),
            "iforest_train": session.query(train.format("many"))}
    times = bench.alternate(runs)
    session.run("DROP TABLE many")
    scan = times["max(x10)"].median
    bench.report.table([f"{n} rows", "ms", "ns a row", "x max(x10)"],
                       [(name, 1e3 * t.median, 1e9 * t.median / n,
                         t.median / scan) for name, t in times.items()])
    bench.report.target("training, over max(x10), 10^7 rows",
                        times["iforest_train"].median / scan, "at most",
                        1.35, "x")


def measure(bench):
    report = bench.report
    session = bench.session
    n = len(bench.matrix)
    train = f"SELECT length(iforest_train({bench.columns})) FROM {{}}"
    largest = "SELECT max(x10) FROM {}"
    # what an aggregate of ten columns takes that keeps next to nothing
    least = ("SELECT length(iforest_train(iforest_options(n_trees => 1, "
             f"sample_size => 2), {bench.columns})) FROM {{}}")

    # as many rows as a default forest keeps: scan and sampling are small there
    kept = 25600
    data.load(session, "kept", bench.matrix[::len(bench.matrix) // kept][:kept])

    runs = {
        "max(x10)": session.query(largest.format("base")),
        "count(*)": session.query("SELECT count(*) FROM base"),
        "iforest_train": session.query(train.format("base")),
        "iforest_train, jit off":
            session.query(train.format("base"), {"jit": "off"}),
        "iforest_train, 1 tree of 2 rows": session.query(least.format("base")),
        f"max(x10), {kept} rows": session.query(largest.format("kept")),
        f"iforest_train, {kept} rows": session.query(train.format("kept")),
    }
    if peers.version():
        runs["scikit-learn, fit"] = peers.fitting(bench.matrix)
    times = bench.alternate(runs, extra=2)
    scan = times["max(x10)"].median
    rows = []
    for name, t in times.items():
        few = f"{kept} rows" in name
        rows.append((name, 1e3 * t.median, 1e3 * t.least,
                     1e9 * t.median / (kept if few else n),
                     None if few else t.median / scan))
    report.heading("Training: `SELECT iforest_train(x1, .., x10) FROM base`")
    report.table(["what", "ms", "least", "ns a row", "x max(x10)"], rows)
    report.target("training, over max(x10)",
                  times["iforest_train"].median / scan, "at most", 1.5, "x")

    forest = 1e3 * (times[f"iforest_train, {kept} rows"].median -
                    times[f"max(x10), {kept} rows"].median)
    report.note(f"Sampling and keeping {kept} rows, growing 100 trees and "
                f"writing the model: {forest:.1f} ms (the difference of the "
                f"two queries on {kept} rows).")
    if bench.size == "full":
        measure_many(bench, train, largest)
    faster = workers.compare(bench, {"iforest_train":
                                         (train.format("base"), {}),
                                     "max(x10)": (largest.format("base"), {})})
    # what the scan gains, less a tenth
    report.target("training with 2 workers, faster than with none",
                  faster["iforest_train"], "at least",
                  faster["max(x10)"] - 0.1, "x")
