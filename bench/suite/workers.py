"""A query with two workers, beside the same with none."""

from server import DEFAULTS, PARALLEL, Session


def compare(bench, queries):
    """Adds a table for {name: (query, settings)}; returns {name: times as
    fast}.

    Both run by the clock, so a busy machine shows: workers need processors
    of their own. What they take of them is shown too, and how much faster
    two idle ones could be with that.

    Each query has a session of its own: workers load all libraries that
    their leader has ever loaded, and the JIT compiler is a large one.
    """
    report = bench.report
    sessions = {name: Session() for name in queries}
    runs = {}
    for name, (sql, settings) in queries.items():
        query = sessions[name].query
        runs[name, 0] = query(sql, settings, parallel=True)
        runs[name, 2] = query(sql, {**settings, **PARALLEL}, parallel=True)
    times = bench.alternate(runs, extra=4)
    rows = []
    faster = {}
    for name, (sql, settings) in queries.items():
        session = sessions[name]
        none, two = times[name, 0], times[name, 2]
        used = [session.processor_time(sql, {**settings, **more},
                                       bench.rounds)
                for more in ({}, PARALLEL)]
        faster[name] = none.median / two.median
        rows.append((name, 1e3 * none.median, 1e3 * two.median, faster[name],
                     none.least / two.least, 1e3 * used[0], 1e3 * used[1],
                     2 * used[0] / used[1]))
        planned = session.workers_planned(sql)
        if planned != 2:
            report.note(f"{name}: the planner took {planned} workers, not 2.")
    # not earlier: a session that ends counts as the postmaster's child, too
    for session in sessions.values():
        session.close()
    report.note("Parallel, by the clock (waiting for a processor counts):")
    report.table(["what", "no workers, ms", "2 workers, ms", "x faster",
                  "x faster, least times", "processor time: none, ms",
                  "2 workers, ms", "so on two idle cores, x faster"], rows)
    return faster


def by_default(bench, queries):
    """The same where the server's own costs decide whether there are workers,
    of {name: query}; returns {name: times as fast}."""
    sessions = {name: Session() for name in queries}
    runs = {}
    for name, sql in queries.items():
        query = sessions[name].query
        runs[name, 0] = query(sql, {}, parallel=True)
        runs[name, 2] = query(sql, DEFAULTS, parallel=True)
    times = bench.alternate(runs, extra=4)
    faster = {name: times[name, 0].median / times[name, 2].median
              for name in queries}
    bench.report.note("At the server's default settings, where its costs "
                      "decide whether there are workers:")
    bench.report.table(
        ["what", "workers planned", "none allowed, ms", "default, ms",
         "x faster"],
        [(name, str(sessions[name].workers_planned(sql, DEFAULTS)),
          1e3 * times[name, 0].median, 1e3 * times[name, 2].median,
          faster[name]) for name, sql in queries.items()])
    for session in sessions.values():
        session.close()
    return faster
