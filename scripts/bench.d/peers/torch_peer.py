"""PyTorch: inference and training, each as it is and compiled, in the memory format channels_last."""

PACKAGES = ["torch==2.13.0"]
# Where builds without support for GPUs are; the package index has them for some systems only.
INDEX = "https://download.pytorch.org/whl/cpu"
MODULES = ["torch"]
VARIANTS = {"inference": ["eager", "compile"], "training": ["eager", "compile"]}


def prepare(task):
    import torch

    torch.set_num_threads(task.threads)
    torch.manual_seed(1)
    return _training(task, torch) if task.mode == "training" else _inference(task, torch)


def _inference(task, torch):
    from torch_net import TorchNet

    net = TorchNet(task.network, task.blobs(), trains=False).eval().to(memory_format=torch.channels_last)
    net.requires_grad_(False)
    pictures = torch.from_numpy(task.pictures()).to(memory_format=torch.channels_last)
    if task.variant == "compile":
        import torch._inductor.config

        torch._inductor.config.freezing = True
        net = torch.compile(net)
    answer = []

    def compute():
        with torch.no_grad():
            answer[:] = [net(pictures)]

    return compute, lambda: answer[0].numpy()


def _training(task, torch):
    from torch_net import TorchNet

    net = TorchNet(task.network, None, trains=True).train().to(memory_format=torch.channels_last)
    pictures = torch.from_numpy(task.pictures()).to(memory_format=torch.channels_last)
    labels = torch.zeros(task.batch, dtype=torch.long)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4)
    step = torch.compile(net) if task.variant == "compile" else net

    def compute():
        optimizer.zero_grad(set_to_none=True)
        step(pictures, labels).backward()
        optimizer.step()

    return compute, lambda: None
