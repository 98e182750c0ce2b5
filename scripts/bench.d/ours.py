"""Measures this engine."""

import contextlib
import re
import statistics
import subprocess
import sys

import measure
import models

LOG_TIME = re.compile(r"Iteration \d+ \([0-9.e+-]+ iter/s, ([0-9.e+-]+)s/(\d+) iters\)")


class Ours:
    def __init__(self, caffe, work):
        self.caffe, self.work = caffe, work

    def measured(self, row, folder, threads, seconds, runs):
        """A child, and what it measured in seconds."""
        measuring = dict(training=self._training, start=self._start, crowded=self._crowded, shared=self._shared)
        return measuring.get(row.kind, self._inference)(row, folder, threads, seconds, runs)

    def _inference(self, row, folder, threads, seconds, runs):
        shape = ",".join(str(extent) for extent in (row.batch, *models.shape(folder)))
        command = [self.caffe, "time", "--model", "deploy.prototxt", "--weights", "net.caffemodel", "--phase", "test", "--json",
                   "--iterations", str(runs), "--seconds", str(seconds), "--threads", str(threads),
                   "--input-shape", f"{models.facts(folder)['input']}={shape}"]
        if row.kind == "bf16":
            command += ["--precision", "bf16"]
        child = measure.run(command, folder=folder).checked()
        times = child.last_json
        return child, dict(median=times["buildAndLoad"] if row.kind == "load" else times["forward"]["median"],
                           first=times["firstPass"], load=times["buildAndLoad"])

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
        """How much longer than with a thread for each core."""
        alone = self._inference(row, folder, threads, seconds, runs)[1]["median"]
        child, crowded = self._inference(row, folder, 2 * threads, seconds, runs)
        return child, dict(median=crowded["median"], of_share=crowded["median"] / alone)

    def _shared(self, row, folder, threads, seconds, runs):
        """How much longer than on the share of the machine that another process leaves."""
        alone = self._inference(row, folder, threads, seconds, runs)[1]["median"]
        with busy_process():
            child, beside = self._inference(row, folder, threads, seconds, runs)
        return child, dict(median=beside["median"], of_share=beside["median"] / alone * (threads - 1) / threads)


@contextlib.contextmanager
def busy_process():
    """Keeps one core busy."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()
