"""Measures a row: this engine and the peers in turn, for some rounds."""

import importlib
import json
import os
import pathlib
import sys

import numpy

import measure
import models
import trainings

# Probabilities may differ by that much at most: beyond, what was measured is another net.
TOLERANCE = dict(inference=1e-3, bf16=5e-2)
# Above this many cores used by others, a measurement is made again.
FOREIGN_CORES = 0.15
WORKER = pathlib.Path(__file__).with_name("worker.py")
PEER_KINDS = dict(inference="inference", bf16="bf16", load="inference", start="inference", training="training")


class Competition:
    def __init__(self, ours, work, obstacles, rounds, seconds, tries, say):
        self.ours, self.work, self.obstacles = ours, work, obstacles
        self.rounds, self.seconds, self.tries, self.say = rounds, seconds, tries, say

    def measured(self, row):
        """The row with all its rounds, as it goes into the results."""
        threads = row.threads or os.cpu_count()
        if row.kind == "shared" and threads < 2:
            return dict(skipped="there is one core only")
        folder = self._folder(row)
        expected = models.answer(self.ours.caffe, folder, row.batch, threads=threads) if row.kind != "training" else None
        entries = {"caffe": dict(rounds=[])}
        for label in self._labels(row, entries):
            entries[label] = dict(rounds=[])
        for number in range(self.rounds):
            self._round(row, folder, threads, entries, expected, number)
        return dict(entries=entries)

    def _folder(self, row):
        prepare = trainings.prepare if row.kind == "training" else lambda caffe, row, work: models.prepare(caffe, row.net, work)
        return prepare(self.ours.caffe, row, self.work)

    def _labels(self, row, entries):
        kind = PEER_KINDS.get(row.kind)
        for name, obstacle in self.obstacles.items():
            variants = importlib.import_module(f"peers.{name}_peer").VARIANTS.get(kind, [])
            for variant in variants:
                label = f"{name} {variant}".strip()
                if obstacle:
                    entries[label] = dict(skipped=obstacle)
                elif not (variant == "compile" and row.kind in ("start", "load")):
                    yield label

    def _round(self, row, folder, threads, entries, expected, number):
        labels = [label for label, entry in entries.items() if "skipped" not in entry]
        turn = number % len(labels)
        # Who begins changes from round to round, since the machine's speed drifts.
        for label in labels[turn:] + labels[:turn]:
            try:
                outcome = self._undisturbed(row, lambda: self._once(row, label, folder, threads))
                if label != "caffe" and row.kind in TOLERANCE:
                    outcome["difference"] = _difference(folder, label, expected, TOLERANCE[row.kind])
                entries[label]["rounds"].append(outcome)
                self.say(f"{row.name}, round {number + 1}: {label} {_text(outcome)}")
            except (RuntimeError, ValueError, OSError, IndexError) as error:
                if label == "caffe":
                    raise
                entries[label] = dict(skipped=str(error))
                self.say(f"{row.name}: {label} left out: {error}")

    def _undisturbed(self, row, once):
        for _ in range(self.tries):
            child, outcome = once()
            outcome.update(foreign=round(child.foreign, 3), peak=child.peak)
            # A process of a few ticks says nothing about others, and a row that is to be disturbed is.
            if row.kind in ("crowded", "shared") or child.seconds < 0.5 or child.foreign <= FOREIGN_CORES:
                return outcome
        return dict(outcome, disturbed=True)

    def _once(self, row, label, folder, threads):
        if label == "caffe":
            return self.ours.measured(row, folder, threads, self.seconds, runs=5)
        name, _, variant = label.partition(" ")
        mode = PEER_KINDS[row.kind] if row.kind != "start" else "start"
        task = dict(folder=str(folder), mode=mode, batch=row.batch, threads=threads, variant=variant,
                    seconds=self.seconds, runs=5 if mode in TOLERANCE else 4)
        environment = {variable: str(threads) for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        environment["TORCHINDUCTOR_CACHE_DIR"] = str(self.work / "torch")
        child = measure.run([sys.executable, WORKER, name, json.dumps(task)], environment).checked()
        outcome = child.last_json
        if row.kind in ("start", "load"):
            outcome["median"] = child.seconds if row.kind == "start" else outcome["load"]
        return child, outcome


def _difference(folder, label, expected, tolerance):
    given = numpy.load(folder / f"answer-{label.partition(' ')[0]}.npy").reshape(expected.shape)
    difference = float(numpy.abs(given - expected).max())
    if not difference <= tolerance:
        raise ValueError(f"its probabilities differ by {difference:.2g}, more than {tolerance:g}")
    return difference


def _text(outcome):
    parts = [f"{outcome['median'] * 1000:.2f} ms", f"{outcome['peak'] / 1e6:.0f} MB"]
    if "of_share" in outcome:
        parts.append(f"{outcome['of_share']:.2f}x of what the share would take")
    if "difference" in outcome:
        parts.append(f"differs by {outcome['difference']:.1e}")
    parts.append(f"others used {outcome['foreign']:.2f} cores")
    return ", ".join(parts) + (" (disturbed)" if outcome.get("disturbed") else "")
