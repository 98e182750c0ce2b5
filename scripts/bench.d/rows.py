"""What can be measured: one row of the tables each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    # inference, bf16 (inference with that precision), training, start, load, crowded (two threads for each core) or shared (another process takes a core).
    kind: str
    net: str
    batch: int = 1
    # 0 stands for as many as there are cores.
    threads: int = 0
    # Iterations of a training's measurement, and how many of them one log line covers.
    iterations: int = 0
    display: int = 1


TITLES = dict(googlenet="GoogLeNet", caffenet="CaffeNet", alexnet="AlexNet", resnet50="ResNet-50", mobilenet="MobileNet-v1", lenet="LeNet")


def _inference(net, batch):
    return Row(f"{net}-{batch}", f"{TITLES[net]}, batch {batch}", "inference", net, batch)


def _training(net, batch, iterations, display, note=""):
    return Row(f"{net}-train", f"{TITLES[net]}, batch {batch}{note}", "training", net, batch, iterations=iterations, display=display)


ROWS = (
    [_inference(net, batch) for net in ("googlenet", "caffenet", "alexnet") for batch in (1, 10, 64)]
    + [_inference(net, batch) for net in ("resnet50", "mobilenet") for batch in (1, 10)]
    + [Row(f"{net}-1-single", f"{TITLES[net]}, batch 1, one thread", "inference", net, threads=1) for net in ("googlenet", "caffenet")]
    + [Row(f"{net}-1-bf16", f"{TITLES[net]}, batch 1, bf16", "bf16", net) for net in ("googlenet", "caffenet")]
    + [
        _training("googlenet", 32, 8, 1, ", both auxiliary losses"),
        _training("caffenet", 64, 8, 1),
        _training("alexnet", 64, 8, 1),
        _training("lenet", 64, 600, 50, ", caffe train with LMDB"),
    ]
    + [Row(f"{net}-start", f"{TITLES[net]}, new process to first answer", "start", net) for net in ("googlenet", "caffenet")]
    + [Row("caffenet-load", "CaffeNet, load of the 244 MB file", "load", "caffenet")]
    + [Row(f"{net}-crowded", f"{TITLES[net]}, batch 1, beside a process that runs it, too", "crowded", net) for net in ("googlenet", "caffenet")]
    + [Row(f"{net}-shared", f"{TITLES[net]}, batch 1, one core taken", "shared", net) for net in ("googlenet", "caffenet")]
)
QUICK = ["googlenet-1", "caffenet-1", "mobilenet-1", "lenet-train", "googlenet-start", "googlenet-shared"]


def chosen(names):
    known = {row.name: row for row in ROWS}
    wrong = [name for name in names if name not in known]
    if wrong:
        raise SystemExit(f"bench: there is no row {', '.join(wrong)}; there are {', '.join(known)}")
    return [known[name] for name in names]
