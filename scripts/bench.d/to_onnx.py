"""Writes a net as ONNX, with a free batch size."""

import onnx
from onnx import TensorProto, helper, numpy_helper

import weights


def write(path, network, blobs):
    nodes, constants = [], []
    for layer in network.simplified():
        stored = _constants(layer, blobs)
        names = [f"{layer.key}_{number}" for number in range(len(stored))]
        constants += [numpy_helper.from_array(values, name) for name, values in zip(names, stored)]
        nodes += NODES[layer.type](layer, layer.inputs + names)
    given = helper.make_tensor_value_info(network.input, TensorProto.FLOAT, ["N", *network.input_shape])
    made = helper.make_tensor_value_info(network.output, TensorProto.FLOAT, ["N", network.layers[-1].shape[0]])
    graph = helper.make_graph(nodes, "net", [given], [made], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


def _constants(layer, blobs):
    return list(weights.affine(layer, blobs)) if layer.type == "BatchNorm" else blobs.get(layer.name, [])


def _node(kind, layer, inputs, **attributes):
    return [helper.make_node(kind, inputs, [layer.output], name=layer.key, **attributes)]


def _window(layer):
    options = layer.options
    return dict(kernel_shape=[options["kernel"]] * 2, strides=[options["stride"]] * 2, pads=[options["pad"]] * 4)


def _convolution(layer, inputs):
    return _node("Conv", layer, inputs, group=layer.options["groups"], **_window(layer))


def _pooling(layer, inputs):
    kind = "Max" if layer.options["max"] else "Average"
    if layer.options["whole"]:
        return _node(f"Global{kind}Pool", layer, inputs)
    padding = {} if layer.options["max"] else dict(count_include_pad=1)
    return _node(f"{kind}Pool", layer, inputs, ceil_mode=1, **padding, **_window(layer))


def _inner_product(layer, inputs):
    flat = f"{layer.key}_flat"
    return [helper.make_node("Flatten", inputs[:1], [flat], axis=1)] + _node("Gemm", layer, [flat, *inputs[1:]], transB=1)


def _lrn(layer, inputs):
    options = layer.options
    return _node("LRN", layer, inputs, size=options["size"], alpha=options["alpha"], beta=options["beta"], bias=options["k"])


NODES = {
    "Convolution": _convolution,
    "Pooling": _pooling,
    "InnerProduct": _inner_product,
    "LRN": _lrn,
    "BatchNorm": lambda layer, inputs: _node("BatchNormalization", layer, inputs, epsilon=layer.options["eps"]),
    "Concat": lambda layer, inputs: _node("Concat", layer, inputs, axis=1),
    "ReLU": lambda layer, inputs: _node("Relu", layer, inputs),
    "Softmax": lambda layer, inputs: _node("Softmax", layer, inputs, axis=1),
    "Eltwise": lambda layer, inputs: _node("Add", layer, inputs),
}
