"""A net as the peers are told it: a list of layers with shapes, read out of a prototxt."""

import math
from dataclasses import dataclass, field

import prototxt


@dataclass
class Layer:
    name: str
    type: str
    # Values are written once: a layer that works in place gets a name of its own for what it makes.
    inputs: list
    output: str
    options: dict
    # Shapes without the batch's axis.
    input_shapes: list
    shape: tuple
    # Shapes of the blobs a caffemodel stores.
    blobs: list = field(default_factory=list)

    @property
    def key(self):
        """The name without characters that mean something elsewhere."""
        return self.name.replace("/", "_").replace("-", "_").replace(".", "_")


class Network:
    """The layers of one phase. Data layers and what only scores are left out."""

    def __init__(self, text, phase="TEST", input_shape=None):
        message = prototxt.parse(text)
        self.name = message.get("name", "net")
        self.layers, self.losses = [], []
        self.input_shape = input_shape
        self._current, self._shapes = {}, {}
        self._declare_inputs(message)
        for layer in message.all("layer"):
            if is_in(layer, phase):
                self._add(layer)
        self.output = self.layers[-1].output

    def _declare_inputs(self, message):
        if message.has("input"):
            dims = message.get("input_shape").all("dim") or message.all("input_dim")
            self._input(message.get("input"), tuple(dims[1:]))

    def _input(self, name, shape):
        self.input_shape = self.input_shape or shape
        self.input = name
        self._current[name], self._shapes[name] = name, self.input_shape

    def _add(self, message):
        kind, name = message.get("type"), message.get("name")
        if kind in ("Data", "DummyData", "Input"):
            dims = message.get("input_param").get("shape").all("dim")
            self._input(message.all("top")[0], tuple(dims[1:]))
            return
        if kind in ("Accuracy", "Split"):
            return
        if kind == "SoftmaxWithLoss":
            self.losses.append((self._current[message.all("bottom")[0]], float(message.get("loss_weight", 1.0))))
            return
        inputs = [self._current[bottom] for bottom in message.all("bottom")]
        shapes = [self._shapes[value] for value in inputs]
        top = message.all("top")[0]
        output = top if top not in self._shapes else f"{top}/{name}"
        shape, options, blobs = KINDS[kind](message, shapes)
        self.layers.append(Layer(name, kind, inputs, output, options, shapes, shape, blobs))
        self._current[top], self._shapes[output] = output, shape

    def simplified(self):
        """The layers without Dropout, and with BatchNorm and the Scale behind it as one: for inference."""
        result, same = [], {}
        for layer in self.layers:
            inputs = [same.get(value, value) for value in layer.inputs]
            if layer.type == "Dropout":
                same[layer.output] = inputs[0]
            elif layer.type == "Scale":
                before = result[-1]
                if before.type != "BatchNorm" or before.output != inputs[0]:
                    raise ValueError(f"{layer.name}: a Scale that follows no BatchNorm")
                before.options["scale"] = layer.name
                before.output = layer.output
            else:
                result.append(Layer(layer.name, layer.type, inputs, layer.output, dict(layer.options), layer.input_shapes,
                                    layer.shape, layer.blobs))
        return result


def is_in(layer, phase):
    """Whether a layer's rules let it into the phase."""
    if any(rule.get("phase", phase) == phase for rule in layer.all("include")):
        return True
    return not layer.has("include") and all(rule.get("phase", "") != phase for rule in layer.all("exclude"))


def _window(parameters):
    """Kernel, stride and padding, the same in both directions."""
    return (
        int(parameters.get("kernel_size", 1)),
        int(parameters.get("stride", 1)),
        int(parameters.get("pad", 0)),
    )


def _convolution(message, shapes):
    parameters = message.get("convolution_param")
    kernel, stride, pad = _window(parameters)
    outputs, groups = parameters.get("num_output", 0), parameters.get("group", 1)
    channels, height, width = shapes[0]
    has_bias = parameters.get("bias_term", True)
    shape = (outputs,) + tuple((extent + 2 * pad - kernel) // stride + 1 for extent in (height, width))
    blobs = [(outputs, channels // groups, kernel, kernel)] + ([(outputs,)] if has_bias else [])
    return shape, dict(kernel=kernel, stride=stride, pad=pad, groups=groups, outputs=outputs, bias=has_bias), blobs


def _pooling(message, shapes):
    parameters = message.get("pooling_param")
    channels, height, width = shapes[0]
    is_max = parameters.get("pool", "MAX") == "MAX"
    if parameters.get("global_pooling", False):
        return (channels, 1, 1), dict(whole=True, max=is_max), []
    kernel, stride, pad = _window(parameters)

    def extent(size):
        count = math.ceil((size + 2 * pad - kernel) / stride) + 1
        # A last window that would begin behind the image is left out.
        return count - 1 if pad and (count - 1) * stride >= size + pad else count

    return (channels, extent(height), extent(width)), dict(whole=False, max=is_max, kernel=kernel, stride=stride, pad=pad), []


def _inner_product(message, shapes):
    outputs = message.get("inner_product_param").get("num_output", 0)
    return (outputs,), dict(outputs=outputs), [(outputs, math.prod(shapes[0])), (outputs,)]


def _lrn(message, shapes):
    parameters = message.get("lrn_param")
    options = dict(size=parameters.get("local_size", 5), alpha=float(parameters.get("alpha", 1.0)),
                   beta=float(parameters.get("beta", 0.75)), k=float(parameters.get("k", 1.0)))
    return shapes[0], options, []


def _batch_norm(message, shapes):
    channels = shapes[0][0]
    return shapes[0], dict(eps=float(message.get("batch_norm_param").get("eps", 1e-5))), [(channels,), (channels,), (1,)]


def _concat(message, shapes):
    return (sum(shape[0] for shape in shapes),) + tuple(shapes[0][1:]), {}, []


def _plain(message, shapes):
    return shapes[0], {}, []


KINDS = {
    "Convolution": _convolution,
    "Pooling": _pooling,
    "InnerProduct": _inner_product,
    "LRN": _lrn,
    "BatchNorm": _batch_norm,
    "Scale": lambda message, shapes: (shapes[0], {}, [(shapes[0][0],), (shapes[0][0],)]),
    "Concat": _concat,
    "Dropout": lambda message, shapes: (shapes[0], dict(ratio=message.get("dropout_param").get("dropout_ratio", 0.5)), []),
    "ReLU": _plain,
    "Softmax": _plain,
    "Eltwise": _plain,
}
