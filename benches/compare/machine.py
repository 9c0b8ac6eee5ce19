"""Facts about the machine that figures depend on. None that tells whose machine it is."""

import os
import platform
import re
import subprocess
from pathlib import Path


def facts() -> list[str]:
    """Processor, memory, system, file system: a phrase each."""
    return [f"{cpus()}, {memory()} memory", f"{system()}, kernel {kernel()}, {platform.machine()}"]


def cpus() -> str:
    """Number and model."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = _field("/proc/cpuinfo", r"^model name\s*: (.+)$") or platform.processor() or "unknown processor"
    virtual = " (virtual machine)" if _field("/proc/cpuinfo", r"^flags\s*:.*\b(hypervisor)\b") else ""
    return f"{count} x {model}{virtual}"


def memory() -> str:
    """In GiB."""
    kib = _field("/proc/meminfo", r"^MemTotal:\s*(\d+) kB")
    return f"{int(kib) / 2**20:.0f} GiB" if kib else "unknown"


def system() -> str:
    """Name and version of the distribution."""
    return _field("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)') or platform.system()


def kernel() -> str:
    """Its number, without what the builder added."""
    return re.split(r"[^\d.]", platform.release())[0]


def version(program: str) -> str:
    """The first line that `--version` prints."""
    done = subprocess.run((program, "--version"), check=False, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().partition("\n")[0]


def _field(file: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(file).read_text(), re.MULTILINE)
    except OSError:
        return None
    return found.group(1).strip() if found else None
