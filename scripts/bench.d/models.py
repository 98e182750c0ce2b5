"""The nets that are measured, each with a folder of files for this engine and for the peers."""

import hashlib
import json
import pathlib

import h5py
import numpy

import measure
import own_nets
import prototxt
import to_ncnn
import to_onnx
import weights
from network import Network

ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLISHED = {
    "googlenet": "models/bvlc_googlenet",
    "caffenet": "models/bvlc_reference_caffenet",
    "alexnet": "models/bvlc_alexnet",
}
OWN = {"resnet50": own_nets.resnet50, "mobilenet": own_nets.mobilenet}
# How far apart the numbers of the last layer before Softmax shall be: as far as those of trained nets.
SPREAD = 2.0
PICTURES = 4
# Raised when the files below change, so that folders of an older program are made anew.
VERSION = 1


def deploy_text(net):
    return OWN[net]() if net in OWN else (ROOT / PUBLISHED[net] / "deploy.prototxt").read_text()


def training_text(net):
    if net == "lenet":
        return (ROOT / "examples/digits/lenet_train_test.prototxt").read_text()
    return (ROOT / PUBLISHED[net] / "train_val.prototxt").read_text()


def prepare(caffe, net, work):
    """The net's folder, made unless it is there."""
    text = deploy_text(net)
    folder = work / net
    stamp = f"{VERSION} {hashlib.sha256(text.encode()).hexdigest()}"
    if (folder / "stamp").is_file() and (folder / "stamp").read_text() == stamp:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    network = Network(text)
    pictures = numpy.random.default_rng(3).uniform(-120, 135, (PICTURES, *network.input_shape)).astype(numpy.float32)
    numpy.save(folder / "pictures.npy", pictures)
    (folder / "deploy.prototxt").write_text(text)
    _write(folder, network, _scaled(caffe, folder, text, network))
    facts = dict(input=network.input, output=network.output, input_shape=network.input_shape)
    (folder / "facts.json").write_text(json.dumps(facts))
    (folder / "stamp").write_text(stamp)
    return folder


def _write(folder, network, blobs):
    weights.write_caffemodel(folder / "net.caffemodel", network, blobs)
    numpy.savez(folder / "weights.npz", **{f"{layer}:{number}": values for layer, stored in blobs.items()
                                           for number, values in enumerate(stored)})
    to_onnx.write(str(folder / "net.onnx"), network, blobs)
    to_ncnn.write(str(folder / "net"), network, blobs)


def _scaled(caffe, folder, text, network):
    """Weights with the last inner product such that what it gives spreads as far as wanted."""
    blobs = weights.draw(network)
    weights.write_caffemodel(folder / "net.caffemodel", network, blobs)
    message = prototxt.parse(text)
    headless = prototxt.Message(field for field in message.fields
                                if field[0] != "layer" or field[1].get("type") != "Softmax")
    (folder / "headless.prototxt").write_text(prototxt.write(headless))
    given = answer(caffe, folder, PICTURES, net="headless.prototxt")
    last = [layer.name for layer in network.layers if layer.type == "InnerProduct"][-1]
    blobs[last] = [values * numpy.float32(SPREAD / given.std()) for values in blobs[last]]
    return blobs


def answer(caffe, folder, batch, net="deploy.prototxt", threads=None):
    """What this engine computes for a batch of the pictures: the first ones' answers."""
    data = folder / f"batch{batch}.h5"
    pictures = numpy.load(folder / "pictures.npy")
    name = Network((folder / net).read_text()).input
    with h5py.File(data, "w") as file:
        file[f"input/{name}"] = numpy.resize(pictures, (batch, *pictures.shape[1:]))
    command = [caffe, "run", net, "--weights", "net.caffemodel", "--input", data, "--output", "answer.h5"]
    measure.run(command + (["--threads", str(threads)] if threads else []), folder=folder).checked()
    with h5py.File(folder / "answer.h5") as file:
        # A slash in a blob's name makes a group of what stands before it.
        return file["top"].visititems(lambda _, item: item[:PICTURES] if isinstance(item, h5py.Dataset) else None)


def facts(folder):
    return json.loads((folder / "facts.json").read_text())


def shape(folder):
    return facts(folder)["input_shape"]
