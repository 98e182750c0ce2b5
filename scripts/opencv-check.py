#!/usr/bin/env python3
"""Runs a net with OpenCV's importer for Caffe's files, so that tests can compare with a reader we did not write.

    opencv-check.py DEPLOY CAFFEMODEL INPUT.npy OUTPUT.npy

DEPLOY is a prototxt with one Input layer, INPUT.npy its value (float32, as many axes as the layer has; the batch may
differ). The output is written as float32 to OUTPUT.npy; of a net with several outputs, OUTPUT-LAYER.npy holds each (with
"_" for "/"). The names of the files written are printed, one a line, as "LAYER FILE".

Needs numpy and OpenCV 4: scripts/test-venv prints the path of a python that has both.
"""

import os
import sys

import cv2
import numpy as np


def forward(deploy, caffemodel, value):
    """The outputs that OpenCV computes, by the name of the layer they come from."""
    net = cv2.dnn.readNetFromCaffe(deploy, caffemodel)
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU)
    net.setInput(value)
    layers = list(net.getUnconnectedOutLayersNames())
    return dict(zip(layers, net.forward(layers)))


def output_path(path, layer, several):
    if not several:
        return path
    stem, extension = os.path.splitext(path)
    return f"{stem}-{layer.replace('/', '_')}{extension}"


def main(arguments):
    if len(arguments) != 4:
        print("usage: opencv-check.py DEPLOY CAFFEMODEL INPUT.npy OUTPUT.npy", file=sys.stderr)
        return 2
    deploy, caffemodel, input_path, path = arguments
    try:
        value = np.ascontiguousarray(np.load(input_path), dtype=np.float32)
        outputs = forward(deploy, caffemodel, value)
    except (cv2.error, OSError, ValueError) as error:
        print(f"opencv-check.py: {error}", file=sys.stderr)
        return 1
    for layer, output in outputs.items():
        file = output_path(path, layer, several=len(outputs) > 1)
        with open(file, "wb") as stream:
            np.save(stream, np.ascontiguousarray(output, dtype=np.float32))
        print(layer, file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
