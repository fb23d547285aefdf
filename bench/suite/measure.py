"""Measuring contestants in alternation.

Machines are noisy: what runs now may be half as fast in a minute. So
everything that is compared runs in turns within one process, and ratios are
ratios of medians of the same turns.
"""

import os
import time
from statistics import median


class Times(list):
    """Seconds of the turns of one contestant."""

    @property
    def median(self):
        return median(self)

    @property
    def least(self):
        return min(self)


class Waiting:
    """How long measured processes waited for a processor others held."""

    waited = 0.0
    measured = 0.0

    @classmethod
    def share(cls):
        return cls.waited / cls.measured if cls.measured > 0 else 0.0


def schedule_of(pid):
    """Seconds that a process has run, and has waited, runnable, for a
    processor."""
    with open(f"/proc/{pid}/schedstat") as file:
        return [int(field) / 1e9 for field in file.read().split()[:2]]


def wait_of(pid):
    """Seconds that a process has waited for a processor, 0 where that is
    not told."""
    try:
        return schedule_of(pid)[1]
    except (OSError, IndexError, ValueError):
        return 0.0


def worked(function, pid):
    """Seconds of processor time that another process works for a call."""
    before = schedule_of(pid)[0]
    function()
    return schedule_of(pid)[0] - before


def used_by(pid):
    """Seconds of processor time that a process and the children that it has
    seen to their end have used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def parent_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def timed(function, *pids):
    """Seconds that a call takes, less what the processes that do the work
    (this one, if none is given) waited for a processor: such time belongs to
    whoever else is busy on the machine."""
    pids = pids or (os.getpid(),)
    waited = sum(map(wait_of, pids))
    start = time.perf_counter()
    function()
    seconds = time.perf_counter() - start
    waited = min(max(0.0, sum(map(wait_of, pids)) - waited), seconds)
    Waiting.waited += waited
    Waiting.measured += seconds
    return seconds - waited


def wall(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def alternate(contestants, rounds):
    """Runs each of {name: function} once a round; the functions return
    seconds. Every other round goes backwards, so that none is always the one
    that follows a certain other."""
    times = {name: Times() for name in contestants}
    for turn in range(rounds):
        names = list(contestants)
        for name in reversed(names) if turn % 2 else names:
            times[name].append(contestants[name]())
    return times
