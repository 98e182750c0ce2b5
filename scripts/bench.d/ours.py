"""Measures this engine."""

import contextlib
import re
import statistics
import subprocess
import sys
import time

import measure
import models

HOURS = 7200  # seconds
LOG_TIME = re.compile(r"Iteration \d+ \([0-9.e+-]+ iter/s, ([0-9.e+-]+)s/(\d+) iters\)")


class Ours:
    def __init__(self, caffe, work):
        self.caffe, self.work = caffe, work

    def measured(self, row, folder, threads, seconds, runs):
        """A child, and what it measured in seconds."""
        measuring = dict(training=self._training, start=self._start, crowded=self._crowded, shared=self._shared)
        return measuring.get(row.kind, self._inference)(row, folder, threads, seconds, runs)

    def _inference(self, row, folder, threads, seconds, runs):
        child = measure.run(self._command(row, folder, threads, seconds, runs), folder=folder).checked()
        times = child.last_json
        return child, dict(median=times["buildAndLoad"] if row.kind == "load" else times["forward"]["median"],
                           first=times["firstPass"], load=times["buildAndLoad"])

    def _command(self, row, folder, threads, seconds, runs):
        shape = ",".join(str(extent) for extent in (row.batch, *models.shape(folder)))
        command = [self.caffe, "time", "--model", "deploy.prototxt", "--weights", "net.caffemodel", "--phase", "test", "--json",
                   "--iterations", str(runs), "--seconds", str(seconds), "--threads", str(threads),
                   "--input-shape", f"{models.facts(folder)['input']}={shape}"]
        if row.kind == "bf16":
            command += ["--precision", "bf16"]
        return command

    def _start(self, row, folder, threads, seconds, runs):
        command = [self.caffe, "run", "deploy.prototxt", "--weights", "net.caffemodel", "--input", f"batch{row.batch}.h5",
                   "--output", "answer.h5", "--threads", str(threads)]
        child = measure.run(command, folder=folder).checked()
        return child, dict(median=child.seconds)

    def _training(self, row, folder, threads, seconds, runs):
        command = [self.caffe, "train", "--solver", "solver.prototxt", "--threads", str(threads)]
        child = measure.run(command, folder=folder).checked()
        # The first two lines cover memory that is touched for the first time.
        times = [float(total) / int(count) for total, count in LOG_TIME.findall(child.errors)[2:]]
        return child, dict(median=statistics.median(times), runs=len(times))

    def _crowded(self, row, folder, threads, seconds, runs):
        """How much longer than on half of the machine, beside a process that does the same: two threads for each core."""
        alone = self._inference(row, folder, threads, seconds, runs)[1]["median"]
        # A single net would not do: it never has more threads than there are cores.
        with beside(self._command(row, folder, threads, HOURS, runs), folder):
            child, crowded = self._inference(row, folder, threads, seconds, runs)
        return child, dict(median=crowded["median"], of_share=crowded["median"] / alone / 2)

    def _shared(self, row, folder, threads, seconds, runs):
        """How much longer than on the share of the machine that another process leaves."""
        alone = self._inference(row, folder, threads, seconds, runs)[1]["median"]
        with beside([sys.executable, "-c", "while True: pass"], folder):
            child, shared = self._inference(row, folder, threads, seconds, runs)
        return child, dict(median=shared["median"], of_share=shared["median"] / alone * (threads - 1) / threads)


@contextlib.contextmanager
def beside(command, folder):
    """Has a process run meanwhile that goes on until it is ended, and a second to begin with."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield
    finally:
        process.kill()
        process.wait()
