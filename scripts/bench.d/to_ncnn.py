"""Writes a net as ncnn reads it: a .param text and a .bin of plain floats.

ncnn's tool for this folds BatchNorm into convolutions; that is done here as well, so that ncnn is measured as it is used.
"""

import struct

import numpy

import weights

MAGIC = 7767517


def write(path, network, blobs):
    layers = _folded(network.simplified(), blobs)
    uses = {}
    for _, layer, _ in layers:
        for value in layer.inputs:
            uses[value] = uses.get(value, 0) + 1
    lines, values, taken = [_line("Input", "input", [], [network.input], _input(network))], {network.input}, {}
    lines += _split(network.input, uses, values)
    with open(f"{path}.bin", "wb") as file:
        for kind, layer, stored in layers:
            inputs = [_use(value, uses, taken) for value in layer.inputs]
            lines.append(_line(kind, layer.key, inputs, [layer.output], OPTIONS[layer.type](layer, stored)))
            values.add(layer.output)
            lines += _split(layer.output, uses, values)
            _store(file, layer, stored)
    with open(f"{path}.param", "w") as file:
        file.write(f"{MAGIC}\n{len(lines)} {len(values)}\n" + "".join(lines))


def _folded(layers, blobs):
    """Kind, layer and blobs, convolutions with what a BatchNorm behind them does."""
    result, same = [], {}
    for layer in layers:
        layer.inputs = [same.get(value, value) for value in layer.inputs]
        if layer.type == "BatchNorm":
            gamma, beta, mean, variance = weights.affine(layer, blobs)
            kind, before, (filters, *bias) = result[-1]
            factor = gamma / numpy.sqrt(variance + layer.options["eps"])
            shift = beta - mean * factor + (bias[0] * factor if bias else 0)
            result[-1] = (kind, before, [filters * factor.reshape(-1, 1, 1, 1), shift])
            before.options["bias"] = True
            same[layer.output] = before.output
        else:
            kind = "ConvolutionDepthWise" if layer.options.get("groups", 1) > 1 else layer.type
            result.append((kind, layer, blobs.get(layer.name, [])))
    return result


def _line(kind, name, inputs, outputs, options):
    words = [kind, name, str(len(inputs)), str(len(outputs)), *inputs, *outputs, *(f"{key}={value}" for key, value in options.items())]
    return " ".join(words) + "\n"


def _input(network):
    channels, height, width = network.input_shape
    return {0: width, 1: height, 2: channels}


def _use(value, uses, taken):
    """A value that several layers read is split into as many."""
    if uses[value] == 1:
        return value
    taken[value] = taken.get(value, 0) + 1
    return f"{value}_split{taken[value]}"


def _split(value, uses, values):
    count = uses.get(value, 0)
    if count < 2:
        return []
    parts = [f"{value}_split{number}" for number in range(1, count + 1)]
    values.update(parts)
    return [_line("Split", f"{value}_split", [value], parts, {})]


def _store(file, layer, stored):
    if stored:
        # Four bytes tell how the filters are stored: 0 is plain floats. What follows them is plain always.
        file.write(struct.pack("<I", 0))
        for values in stored:
            file.write(values.astype("<f4").tobytes())


def _convolution(layer, stored):
    options = layer.options
    result = {0: options["outputs"], 1: options["kernel"], 3: options["stride"], 4: options["pad"], 5: int(options["bias"]), 6: stored[0].size}
    return {**result, 7: options["groups"]} if options["groups"] > 1 else result


def _pooling(layer, stored):
    options = layer.options
    kind = {0: 0 if options["max"] else 1}
    return {**kind, 4: 1} if options["whole"] else {**kind, 1: options["kernel"], 2: options["stride"], 3: options["pad"], 5: 0}


def _lrn(layer, stored):
    options = layer.options
    return {0: 0, 1: options["size"], **{key: f"{options[name]:e}" for key, name in ((2, "alpha"), (3, "beta"), (4, "k"))}}


OPTIONS = {
    "Convolution": _convolution,
    "Pooling": _pooling,
    "InnerProduct": lambda layer, stored: {0: layer.options["outputs"], 1: 1, 2: stored[0].size},
    "LRN": _lrn,
    "Concat": lambda layer, stored: {0: 0},
    "ReLU": lambda layer, stored: {},
    "Softmax": lambda layer, stored: {0: 0},
    "Eltwise": lambda layer, stored: {0: 1},
}
