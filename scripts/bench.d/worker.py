"""Runs one peer in a process of its own: worker.py PEER TASK, with the task as JSON. Prints what it measured as JSON."""

import importlib
import json
import os
import sys
import time
from dataclasses import dataclass

import numpy

# Calls after the first that are not counted.
WARM = 2


@dataclass
class Task:
    folder: str
    mode: str
    batch: int
    threads: int
    variant: str
    seconds: float
    runs: int

    def file(self, name):
        return os.path.join(self.folder, name)

    @property
    def facts(self):
        with open(self.file("facts.json")) as file:
            return json.load(file)

    @property
    def input(self):
        return self.facts["input"]

    @property
    def output(self):
        return self.facts["output"]

    @property
    def input_shape(self):
        return self.facts["input_shape"]

    @property
    def network(self):
        from network import Network

        name, phase = ("train.prototxt", "TRAIN") if self.mode == "training" else ("deploy.prototxt", "TEST")
        with open(self.file(name)) as file:
            return Network(file.read(), phase, tuple(self.input_shape))

    def blobs(self):
        stored = numpy.load(self.file("weights.npz"))
        result = {}
        for key in stored.files:
            result.setdefault(key.rsplit(":", 1)[0], []).append(stored[key])
        return result

    def pictures(self):
        if self.mode == "training":
            return numpy.ones((self.batch, *self.input_shape), numpy.float32)
        pictures = numpy.load(self.file("pictures.npy"))
        return numpy.resize(pictures, (self.batch, *pictures.shape[1:]))


def main():
    name, task = sys.argv[1], Task(**json.loads(sys.argv[2]))
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(task.threads)
    peer = importlib.import_module(f"peers.{name}_peer")
    for module in peer.MODULES:
        importlib.import_module(module)
    begin = time.perf_counter()
    compute, answer = peer.prepare(task)
    result = dict(load=time.perf_counter() - begin)
    if task.mode == "start":
        compute()
        answer()
    else:
        import measure

        result.update(measure.repeat(compute, task.seconds, task.runs, WARM))
        if task.mode in ("inference", "bf16"):
            numpy.save(task.file(f"answer-{name}.npy"), numpy.asarray(answer())[:4])
    print(json.dumps(result), flush=True)
    # Some of these libraries do not end well.
    os._exit(0)


main()
