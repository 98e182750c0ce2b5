"""Runs something again and again, and starts programs whose time and memory are to be known."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

LAUNCH = pathlib.Path(__file__).with_name("launch.py")


def repeat(work, seconds, runs, warm):
    """Seconds of one call: the first one's, and the median of the others."""
    start = time.perf_counter()
    work()
    first = time.perf_counter() - start
    for _ in range(warm):
        work()
    samples, begin = [], time.perf_counter()
    while len(samples) < runs or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        work()
        samples.append(time.perf_counter() - start)
    return dict(first=first, median=statistics.median(samples), runs=len(samples))


@dataclass
class Child:
    """A program that ran to its end."""

    # The exit code; of one that a signal ended, the signal's number below 0.
    status: int
    seconds: float
    # Bytes: the most main memory it held.
    peak: int
    # Cores that programs other than it, and than those started by this one, used meanwhile.
    foreign: float
    output: str
    errors: str

    @property
    def last_json(self):
        """What it says as a whole, or else in its last line, as JSON."""
        try:
            return json.loads(self.output)
        except ValueError:
            return json.loads(self.output.strip().splitlines()[-1])

    def checked(self):
        """Itself, when it did what it was to do."""
        if self.status:
            said = self.errors.strip().splitlines()
            raise RuntimeError(said[-1] if said else f"it ended with {self.status}")
        return self


def run(command, environment=None, folder=None, limit=1800):
    """Runs a program and waits for it, seconds at most."""
    with tempfile.NamedTemporaryFile("r") as result:
        launcher = [sys.executable, "-I", "-S", LAUNCH, result.name, str(limit), *command]
        done = subprocess.run(launcher, stdin=subprocess.DEVNULL, capture_output=True, cwd=folder,
                              env={**os.environ, **(environment or {})})
        output, errors = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {errors.strip().splitlines()[-1]}")
        return Child(output=output, errors=errors, **json.load(result))
