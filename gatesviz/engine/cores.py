"""How many processors there are for this process: a container's share, not the whole machine."""

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
V2, V1 = "cpu.max", ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")


def cores(cgroup: Path = CGROUP) -> int:
    """Return how many processors may be busy at a time, at least one."""
    if hasattr(os, "sched_getaffinity"):
        counted = len(os.sched_getaffinity(0))
    else:
        counted = os.cpu_count() or 1
    return max(1, int(min(counted, quota(cgroup))))


def quota(cgroup: Path = CGROUP) -> float:
    """Return the processors' worth of time that a container grants; infinite without a limit.

    Linux' control groups say it as microseconds of each period, -1 or "max" where there is none:
    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
    """
    try:
        granted, period = (cgroup / V2).read_text().split()
    except (OSError, ValueError):
        try:
            granted, period = ((cgroup / name).read_text().strip() for name in V1)
        except OSError:
            return math.inf
    try:
        share = int(granted) / int(period)
    except (ValueError, ZeroDivisionError):
        return math.inf
    return share if share > 0 else math.inf
