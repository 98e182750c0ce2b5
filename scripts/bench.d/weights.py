"""Reproducible weights of a usable size, and the caffemodel that holds them."""

import math

import numpy


def draw(network):
    """Blobs by layer. Convolutions and inner products keep the spread of their input (MSRA), so that no net runs out of range."""
    blobs = {}
    for number, layer in enumerate(network.layers):
        random = numpy.random.default_rng([7, number])
        if layer.type in ("Convolution", "InnerProduct"):
            fan_in = math.prod(layer.blobs[0][1:])
            filters = random.standard_normal(layer.blobs[0], numpy.float32) * numpy.float32(math.sqrt(2 / fan_in))
            blobs[layer.name] = [filters] + [
                random.standard_normal(shape, numpy.float32) * numpy.float32(0.1) for shape in layer.blobs[1:]
            ]
        elif layer.type == "BatchNorm":
            mean = random.standard_normal(layer.blobs[0], numpy.float32) * numpy.float32(0.1)
            variance = random.uniform(0.5, 1.5, layer.blobs[1]).astype(numpy.float32)
            blobs[layer.name] = [mean, variance, numpy.ones(1, numpy.float32)]
        elif layer.type == "Scale":
            gamma = random.uniform(0.5, 1, layer.blobs[0]).astype(numpy.float32)
            blobs[layer.name] = [gamma, random.standard_normal(layer.blobs[1], numpy.float32) * numpy.float32(0.1)]
    return blobs


def _varint(value):
    result = b""
    while value > 127:
        result += bytes([value & 127 | 128])
        value >>= 7
    return result + bytes([value])


def _field(number, payload):
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _blob(values):
    shape = _field(1, b"".join(_varint(extent) for extent in values.shape))
    return _field(7, shape) + _field(5, values.astype("<f4").tobytes())


def write_caffemodel(path, network, blobs):
    """NetParameter { name = 1, layer = 100 { name = 1, type = 2, blobs = 7 { shape = 7 { dim = 1 }, data = 5 } } }"""
    with open(path, "wb") as file:
        file.write(_field(1, network.name.encode()))
        for layer in network.layers:
            if layer.name in blobs:
                stored = b"".join(_field(7, _blob(values)) for values in blobs[layer.name])
                file.write(_field(100, _field(1, layer.name.encode()) + _field(2, layer.type.encode()) + stored))


def affine(layer, blobs):
    """Of a BatchNorm with its Scale: scale, shift, mean and variance."""
    mean, variance, factor = blobs[layer.name]
    factor = 1 / factor[0] if factor[0] else 0
    gamma, beta = blobs[layer.options["scale"]]
    return gamma, beta, mean * factor, variance * factor
