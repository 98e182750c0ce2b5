"""ONNX Runtime, the CPU provider."""

PACKAGES = ["onnxruntime==1.32.0"]
MODULES = ["onnxruntime"]
VARIANTS = {"inference": [""]}


def prepare(task):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    session = onnxruntime.InferenceSession(task.file("net.onnx"), options, providers=["CPUExecutionProvider"])
    inputs, answer = {session.get_inputs()[0].name: task.pictures()}, []

    def compute():
        answer[:] = session.run(None, inputs)

    return compute, lambda: answer[0]
