"""OpenVINO, the CPU plugin, for the least latency of one request that holds the whole batch."""

PACKAGES = ["openvino==2026.4.1"]
MODULES = ["openvino"]
VARIANTS = {"inference": [""], "bf16": [""]}


def prepare(task):
    import openvino
    import openvino.properties as properties
    from openvino.properties import hint

    core = openvino.Core()
    model = core.read_model(task.file("net.onnx"))
    model.reshape([task.batch, *task.input_shape])
    latency = hint.PerformanceMode.LATENCY if task.batch == 1 else hint.PerformanceMode.THROUGHPUT
    settings = {
        hint.performance_mode: latency,
        hint.inference_precision: openvino.Type.bf16 if task.mode == "bf16" else openvino.Type.f32,
        properties.inference_num_threads: task.threads,
    }
    if task.batch > 1:
        # More streams than one would leave threads without work, since there is one request.
        settings[properties.num_streams] = 1
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    tensor = openvino.Tensor(task.pictures(), shared_memory=True)

    def compute():
        request.infer({0: tensor}, share_inputs=True)

    return compute, lambda: request.get_output_tensor().data
