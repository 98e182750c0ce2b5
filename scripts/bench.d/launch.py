"""Runs a program and writes what it took: launch.py RESULT LIMIT PROGRAM ARGUMENT...

A process of its own, and a small one: a system counts what a process held before it became another program to that program,
so that one started from a large process seems large.
"""

import json
import os
import signal
import sys
import time


def busy():
    """Seconds that the machine's cores have been busy; 0 where the system does not tell."""
    try:
        with open("/proc/stat") as file:
            fields = [int(field) for field in file.readline().split()[1:]]
    except OSError:
        return 0.0
    return (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")


def wait(process, limit):
    begin = time.monotonic()
    end = begin + limit
    while True:
        done, status, usage = os.wait4(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
            end = float("inf")
        # Seen within a hundredth of its time, and without a busy loop beside it.
        time.sleep(min(max(0.0005, (time.monotonic() - begin) / 100), 0.02))


def main():
    result, limit, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    before, begin = busy(), time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    status, usage = wait(process, limit)
    seconds = time.perf_counter() - begin
    own = os.times()
    foreign = busy() - before - usage.ru_utime - usage.ru_stime - own.user - own.system
    unit = 1 if sys.platform == "darwin" else 1024
    with open(result, "w") as file:
        json.dump(dict(status=status, seconds=seconds, peak=usage.ru_maxrss * unit, foreign=max(0.0, foreign / seconds)), file)


main()
