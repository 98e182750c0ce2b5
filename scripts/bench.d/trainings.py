"""Makes what a training needs: a net, a solver, and for LeNet a database of drawn digits.

The large nets read constant pictures (DummyData), so that reading data is not part of what is compared; LeNet is measured
as it is trained, from its database.
"""

import json

import measure
import models
import prototxt
from network import Network, is_in
from prototxt import Message, Word

DIGITS = 12800


def prepare(caffe, row, work):
    folder = work / f"{row.net}-train"
    folder.mkdir(parents=True, exist_ok=True)
    text = models.training_text(row.net)
    if row.net == "lenet":
        shape = (1, 28, 28)
        _draw_digits(caffe, folder)
    else:
        shape = tuple(Network(models.deploy_text(row.net)).input_shape)
        text = prototxt.write(_with_constant_data(prototxt.parse(text), row.batch, shape))
    (folder / "train.prototxt").write_text(text)
    (folder / "solver.prototxt").write_text(_solver(row))
    (folder / "facts.json").write_text(json.dumps(dict(input="data", output="", input_shape=shape)))
    return folder


def _draw_digits(caffe, folder):
    if not (folder / "train_lmdb").is_dir():
        measure.run([caffe, "data", "digits", ".", "--train", str(DIGITS), "--test", "100"], folder=folder).checked()


def _with_constant_data(net, batch, shape):
    pictures = Message([("dim", extent) for extent in (batch, *shape)])
    constant = lambda value: Message([("type", "constant"), ("value", value)])
    parameters = Message([("shape", pictures), ("shape", Message([("dim", batch)])),
                          ("data_filler", constant(1)), ("data_filler", constant(0))])
    data = Message([("name", "data"), ("type", "DummyData"), ("top", "data"), ("top", "label"), ("dummy_data_param", parameters)])
    layers = [("layer", layer) for layer in net.all("layer") if layer.get("type") != "Data" and is_in(layer, "TRAIN")]
    return Message([("name", net.get("name")), ("layer", data)] + layers)


def _solver(row):
    fields = [
        ("net", "train.prototxt"), ("base_lr", 0.01 if row.net == "lenet" else 0.0001), ("lr_policy", "fixed"), ("momentum", 0.9),
        ("weight_decay", 0.0005), ("display", row.display), ("max_iter", row.iterations), ("snapshot", 0),
        ("snapshot_after_train", False), ("solver_mode", Word("CPU")), ("random_seed", 1),
    ]
    return prototxt.write(Message(fields))
