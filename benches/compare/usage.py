"""What one run of a long command takes: time, processor, memory.

hyperfine tells neither memory nor what lies in mapped files, and a second run of a peer takes minutes; so long
commands are run here, a few times or once.
"""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import count

# how often a process is asked for its memory, in seconds
LOOK = 0.02
# what is kept of the output of a command, in bytes from its end
TAIL = 1 << 20


@dataclass(frozen=True)
class Usage:
    """One run. Times in seconds, memory in bytes."""

    exit_code: int | None
    """`None`: it was given up."""
    wall: float
    cpu: float
    """User and system, with all children that were waited for."""
    peak: int
    """The most memory that the process or one of its children had resident, mapped files included."""
    own: int
    """The most that the process had resident beside mapped files, as seen every `LOOK` seconds; 0 where unknown."""
    findings: int | None
    """`None`: it did not say."""


def run(
    argv: Sequence[str],
    env: Mapping[str, str],
    counts: str = "",
    cores: Iterable[int] | None = None,
    limit: float | None = None,
    looks: bool = True,
) -> Usage:
    """Runs a command on these cores (all that there are, if not said), at most `limit` seconds long.

    To look at its memory takes a processor from it now and then. Where nobody `looks`, nothing is known of what it has
    beside mapped files, and it may take as long as it likes.
    """
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        process = subprocess.Popen(
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output if counts else subprocess.DEVNULL,
            stderr=output if counts else subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores is not None else None,
        )
        own, given_up = 0, False
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG if looks else 0)
            if pid:
                break
            own = max(own, resident(process.pid))
            if limit is not None and time.monotonic() - start > limit and not given_up:
                os.killpg(process.pid, signal.SIGKILL)
                given_up = True
            time.sleep(LOOK)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        return Usage(
            exit_code=None if given_up else process.returncode,
            wall=wall,
            cpu=used.ru_utime + used.ru_stime,
            peak=used.ru_maxrss * 1024,
            own=own,
            findings=stated(counts, tail(output)) if counts and not given_up else None,
        )


def resident(pid: int) -> int:
    """Bytes that a process has in memory and that are of no file; 0 where that cannot be told."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^RssAnon:\s*(\d+) kB", status, re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


def tail(output: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    """The end of what was written."""
    output.seek(max(0, output.seek(0, os.SEEK_END) - TAIL))
    return output.read().decode(errors="replace")


def stated(pattern: str, said: str) -> int | None:
    """The number of findings, where the output has one."""
    return count(pattern, said) if re.search(pattern, said) else None
