"""Nets that are measured and not among models/: ResNet-50 and MobileNet-v1, built layer by layer.

Both have BatchNorm and Scale behind every convolution, as published Caffe models have.
"""


class Writer:
    def __init__(self, name):
        self.lines = [f'name: "{name}"']
        self._layer("data", "Input", [], "data", "input_param { shape { dim: 1 dim: 3 dim: 224 dim: 224 } }")

    def _layer(self, name, kind, bottoms, top, rest=""):
        wires = "".join(f'bottom: "{bottom}" ' for bottom in bottoms)
        self.lines.append(f'layer {{ name: "{name}" type: "{kind}" {wires}top: "{top}" {rest}}}')
        return top

    def convolution(self, name, bottom, outputs, kernel, stride=1, groups=1, relu=True):
        group = f"group: {groups} " if groups > 1 else ""
        self._layer(name, "Convolution", [bottom], name,
                    f"convolution_param {{ num_output: {outputs} kernel_size: {kernel} stride: {stride} pad: {kernel // 2} "
                    f"{group}bias_term: false }} ")
        self._layer(f"{name}/bn", "BatchNorm", [name], name, "batch_norm_param { use_global_stats: true } ")
        self._layer(f"{name}/scale", "Scale", [name], name, "scale_param { bias_term: true } ")
        return self.relu(name) if relu else name

    def relu(self, name):
        return self._layer(f"{name}/relu", "ReLU", [name], name)

    def sum(self, name, first, second):
        return self._layer(name, "Eltwise", [first, second], name, "eltwise_param { operation: SUM } ")

    def classifier(self, bottom):
        pool = self._layer("pool", "Pooling", [bottom], "pool", "pooling_param { pool: AVE global_pooling: true } ")
        self._layer("fc", "InnerProduct", [pool], "fc", "inner_product_param { num_output: 1000 } ")
        self._layer("prob", "Softmax", ["fc"], "prob")
        return "\n".join(self.lines) + "\n"


def resnet50():
    net = Writer("ResNet-50")
    value = net.convolution("conv1", "data", 64, 7, 2)
    value = net._layer("pool1", "Pooling", [value], "pool1", "pooling_param { pool: MAX kernel_size: 3 stride: 2 } ")
    for stage, (blocks, width) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512)), 2):
        for block in range(blocks):
            name, stride = f"res{stage}{chr(97 + block)}", 2 if stage > 2 and block == 0 else 1
            short = value if block else net.convolution(f"{name}/shortcut", value, 4 * width, 1, stride, relu=False)
            inner = net.convolution(f"{name}/a", value, width, 1, stride)
            inner = net.convolution(f"{name}/b", inner, width, 3)
            inner = net.convolution(f"{name}/c", inner, 4 * width, 1, relu=False)
            value = net.relu(net.sum(name, short, inner))
    return net.classifier(value)


def mobilenet():
    net = Writer("MobileNet-v1")
    value, channels = net.convolution("conv1", "data", 32, 3, 2), 32
    steps = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    for number, (outputs, stride) in enumerate(steps, 2):
        value = net.convolution(f"conv{number}/dw", value, channels, 3, stride, groups=channels)
        value, channels = net.convolution(f"conv{number}/sep", value, outputs, 1), outputs
    return net.classifier(value)
