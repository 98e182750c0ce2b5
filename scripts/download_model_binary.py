#!/usr/bin/env python3
"""Fetches the weights of a model's directory, as Caffe's script of this name does: it calls `caffe zoo download DIR`."""
import os
import sys

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
built = os.path.join(root, ".build", "release", "caffe")
program = built if os.access(built, os.X_OK) else "caffe"

try:
    os.execvp(program, [program, "zoo", "download"] + sys.argv[1:])
except OSError:
    sys.exit("there is no caffe program: run 'make build' first")
