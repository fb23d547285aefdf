"""Sessions of the server that the PG* variables name."""

import psycopg2

from measure import parent_of, timed, used_by, wall, worked

# Parallel plans happen only where a measurement asks for them.
SERIAL = "-c max_parallel_workers_per_gather=0"

KERNELS = ("portable", "avx2", "avx512", "neon", "walk")

PARALLEL = {
    "max_parallel_workers_per_gather": 2,
    "parallel_setup_cost": 0,
    "parallel_tuple_cost": 0.0001,
    "cpu_operator_cost": 0,
    "min_parallel_table_scan_size": 0,
}

# What the server does by itself: its own costs decide.
DEFAULTS = {"max_parallel_workers_per_gather": 2}


class Session:
    def __init__(self, options=SERIAL, server=""):
        self.connection = psycopg2.connect(server, options=options)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.pid = self.connection.get_backend_pid()

    def close(self):
        self.connection.close()

    def run(self, sql):
        self.cursor.execute(sql)

    def rows(self, sql):
        self.run(sql)
        return self.cursor.fetchall()

    def value(self, sql):
        return self.rows(sql)[0][0]

    def time(self, sql, settings=None, parallel=False):
        """Seconds of a query, all rows fetched, under some settings. A
        parallel query is measured by the clock alone."""
        for name, setting in (settings or {}).items():
            self.run(f"SET {name} = '{setting}'")
        try:
            if parallel:
                return wall(lambda: self.rows(sql))
            return timed(lambda: self.rows(sql), self.pid)
        finally:
            for name in settings or {}:
                self.run(f"RESET {name}")

    def query(self, sql, settings=None, parallel=False):
        """The same as a contestant."""
        return lambda: self.time(sql, settings, parallel)

    def work(self, sql, settings=None):
        """As a contestant: processor time of this session's process."""
        def run():
            for name, setting in (settings or {}).items():
                self.run(f"SET {name} = '{setting}'")
            seconds = worked(lambda: self.rows(sql), self.pid)
            for name in settings or {}:
                self.run(f"RESET {name}")
            return seconds
        return run

    def processor_time(self, sql, settings, times):
        """Seconds of processor time of a query run several times, its
        workers' included: they are children of the postmaster."""
        postmaster = parent_of(self.pid)
        for name, setting in settings.items():
            self.run(f"SET {name} = '{setting}'")
        before = used_by(self.pid) + used_by(postmaster)
        for _ in range(times):
            self.rows(sql)
        used = used_by(self.pid) + used_by(postmaster) - before
        for name in settings:
            self.run(f"RESET {name}")
        return used / times

    def workers_planned(self, sql, settings=None):
        settings = settings or PARALLEL
        for name, setting in settings.items():
            self.run(f"SET {name} = '{setting}'")
        plan = "\n".join(row[0] for row in self.rows("EXPLAIN " + sql))
        for name in settings:
            self.run(f"RESET {name}")
        for line in plan.splitlines():
            if "Workers Planned:" in line:
                return int(line.split(":")[1])
        return 0

    def has_function(self, name):
        return self.value(f"SELECT count(*) FROM pg_proc "
                          f"WHERE proname = '{name}'") > 0

    def kernels(self):
        """The kernels that this processor can run, the walk among them."""
        return [kernel for kernel in KERNELS if self.has_kernel(kernel)]

    def has_kernel(self, kernel):
        """Whether this processor can run a kernel."""
        self.run("SELECT iforest_is_valid('')")     # loads the library
        try:
            self.run(f"SET iforest.kernel = '{kernel}'")
        except psycopg2.Error:
            return False
        self.run("RESET iforest.kernel")
        return True

    def same_scores(self, call, rows):
        """Whether a call has the same results on rows (what follows FROM,
        with an id) with every kernel, to the last bit."""
        digests = set()
        for kernel in self.kernels():
            self.run(f"SET iforest.kernel = '{kernel}'")
            digests.add(self.value(
                f"SELECT md5(string_agg(float8send({call}), '' ORDER BY id)) "
                f"FROM {rows}"))
        self.run("RESET iforest.kernel")
        return len(digests) == 1


def model(name):
    """The model of that name, as documentation tells users to write it."""
    return f"(SELECT model FROM models WHERE name = '{name}')"


def sum_of_scores(name, arguments, table):
    return f"SELECT sum(iforest_score({model(name)}, {arguments})) FROM {table}"
