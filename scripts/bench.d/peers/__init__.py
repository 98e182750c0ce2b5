"""The engines to compare with, one file each.

Each file has PACKAGES, what pip installs for it; MODULES, what of it is imported before loading is timed; VARIANTS, the ways in which it is used; and `prepare(task)`, which gives two
functions: the first computes once, the second gives the probabilities of what was computed last.
"""

NAMES = ["onnxruntime", "openvino", "ncnn", "torch", "opencv"]
