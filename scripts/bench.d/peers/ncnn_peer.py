"""ncnn. It knows no batches: pictures are computed one after another."""

PACKAGES = ["ncnn==1.0.20261020"]
MODULES = ["ncnn"]
VARIANTS = {"inference": [""]}


def prepare(task):
    import ncnn
    import numpy

    net = ncnn.Net()
    net.opt.num_threads = task.threads
    net.opt.use_vulkan_compute = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    if net.load_param(task.file("net.param")) or net.load_model(task.file("net.bin")):
        raise RuntimeError("ncnn cannot load the net")
    # A Mat does not keep the array it was made of alive, its clone is independent of it.
    pictures = [ncnn.Mat(numpy.ascontiguousarray(picture)).clone() for picture in task.pictures()]
    answers = []

    def compute():
        answers.clear()
        for picture in pictures:
            extractor = net.create_extractor()
            extractor.input(task.input, picture)
            answers.append(numpy.array(extractor.extract(task.output)[1]))

    return compute, lambda: numpy.stack(answers)
