"""What the numbers were measured on."""

import os
import platform
import re
import subprocess
import time

import peers


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True,
                              check=False).stdout
    except OSError:
        return ""


def processor():
    lines = dict(re.findall(r"^([^:\n]+):\s*(.*)$", output_of("lscpu"), re.M))
    caches = ", ".join(f"{name} {lines[name + ' cache']}"
                       for name in ("L1d", "L2", "L3")
                       if name + " cache" in lines)
    known = [name for name in lines.get("Flags", "").split()
             if name in ("avx2", "avx512f", "avx512_vbmi", "avx512vbmi")]
    return (f"{lines.get('Model name', platform.machine())} "
            f"(family {lines.get('CPU family', '?')}, "
            f"model {lines.get('Model', '?')}), {os.cpu_count()} cores; "
            f"{caches}; {' '.join(known)}")


def memory():
    with open("/proc/meminfo") as file:
        return f"{int(file.readline().split()[1]) / 1048576:.0f} GB"


def stolen():
    """Ticks of all processors so far: taken by the host for others, all."""
    with open("/proc/stat") as file:
        ticks = [int(n) for n in file.readline().split()[1:]]
    return (ticks[7] if len(ticks) > 7 else 0), sum(ticks[:8])


def jit(session):
    if not session.value("SELECT pg_jit_available()"):
        return "not available"
    return session.value("SHOW jit")


def describe(bench):
    session = bench.session
    compiler = (output_of(os.environ.get("CC", "cc"), "--version")
                .splitlines() or ["?"])[0]
    revision = os.environ.get("BENCH_REVISION") or "unknown"
    return "\n".join([
        f"- Date: {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; "
        f"revision {revision}",
        f"- Machine: {processor()}; {memory()}; Linux {platform.release()}",
        f"- Compiler: {compiler}; PostgreSQL "
        f"{session.value('SHOW server_version')}, shared_buffers "
        f"{session.value('SHOW shared_buffers')}, jit {jit(session)}",
        f"- Peers: scikit-learn {peers.version() or 'missing'}, Python "
        f"{platform.python_version()}, one thread",
        f"- Base rows: {bench.base}",
    ])
