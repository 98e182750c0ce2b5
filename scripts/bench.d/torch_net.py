"""A net as a module of PyTorch."""

import torch
from torch import nn
from torch.nn import functional


class TorchNet(nn.Module):
    """Gives the probabilities; of a net that trains, the sum of its losses for some labels."""

    def __init__(self, network, blobs, trains):
        super().__init__()
        self.steps = network.layers if trains else network.simplified()
        self.input, self.output = network.input, network.output
        self.losses = network.losses if trains else []
        self.parts = nn.ModuleDict({layer.key: MODULES[layer.type](layer) for layer in self.steps if layer.type in MODULES})
        if blobs is not None:
            for layer in self.steps:
                if layer.key in self.parts:
                    _load(self.parts[layer.key], layer, blobs)

    def forward(self, pictures, labels=None):
        values = {self.input: pictures}
        for layer in self.steps:
            inputs = [values[name] for name in layer.inputs]
            if layer.key in self.parts:
                values[layer.output] = self.parts[layer.key](*inputs)
            else:
                values[layer.output] = FUNCTIONS[layer.type](inputs)
        if labels is None:
            return values[self.output]
        return sum(weight * functional.cross_entropy(values[name], labels) for name, weight in self.losses)


def _load(module, layer, blobs):
    import weights

    if layer.type == "BatchNorm":
        names, stored = ["weight", "bias", "running_mean", "running_var"], weights.affine(layer, blobs)
    else:
        names, stored = ["weight", "bias"], blobs.get(layer.name, [])
    target = module[1] if isinstance(module, nn.Sequential) else module
    with torch.no_grad():
        for name, values in zip(names, stored):
            getattr(target, name).copy_(torch.from_numpy(values))


def _convolution(layer):
    options = layer.options
    return nn.Conv2d(layer.input_shapes[0][0], options["outputs"], options["kernel"], options["stride"], options["pad"],
                     groups=options["groups"], bias=options["bias"])


def _pooling(layer):
    options = layer.options
    if options["whole"]:
        return nn.AdaptiveMaxPool2d(1) if options["max"] else nn.AdaptiveAvgPool2d(1)
    kind = nn.MaxPool2d if options["max"] else nn.AvgPool2d
    return kind(options["kernel"], options["stride"], options["pad"], ceil_mode=True)


def _lrn(layer):
    options = layer.options
    return nn.LocalResponseNorm(options["size"], options["alpha"], options["beta"], options["k"])


def _inner_product(layer):
    outputs, inputs = layer.blobs[0]
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, outputs))


MODULES = {
    "Convolution": _convolution,
    "Pooling": _pooling,
    "InnerProduct": _inner_product,
    "LRN": _lrn,
    "BatchNorm": lambda layer: nn.BatchNorm2d(layer.shape[0], eps=layer.options["eps"]),
    "Dropout": lambda layer: nn.Dropout(layer.options["ratio"]),
}
FUNCTIONS = {
    "ReLU": lambda inputs: functional.relu(inputs[0]),
    "Concat": lambda inputs: torch.cat(inputs, 1),
    "Softmax": lambda inputs: functional.softmax(inputs[0], 1),
    "Eltwise": lambda inputs: inputs[0] + inputs[1],
}
