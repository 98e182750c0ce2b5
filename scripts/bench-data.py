"""What scripts/bench-data compares with: OpenCV's decoding and resizing on all cores.

bench-data.py draw FOLDER COUNT         draws JPEG files and their list
bench-data.py measure FOLDER KIND SECS  prints images a second; KIND is list, jpeg or raw
"""

import itertools
import os
import pathlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy

SIDE, CROP, BATCH = 256, 227, 64


def draw(folder, count):
    """Pictures that pack about as well as photographs: noise of several grain sizes."""
    pictures = folder / "pictures"
    pictures.mkdir()
    random = numpy.random.default_rng(1)
    lines = []
    for number in range(count):
        picture = numpy.zeros((375, 500, 3), numpy.float32)
        for grain in (4, 16, 64):
            noise = random.normal(0, 40, (375 // grain + 2, 500 // grain + 2, 3)).astype(numpy.float32)
            picture += cv2.resize(noise, (500, 375), interpolation=cv2.INTER_CUBIC)
        picture = numpy.clip(picture + 128, 0, 255).astype(numpy.uint8)
        name = f"{number:04}.jpg"
        cv2.imwrite(str(pictures / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        lines.append(f"{name} {number % 10}\n")
    (folder / "list.txt").write_text("".join(lines))


def floats(picture, random):
    """A random part of the picture as planes of floats, half of them mirrored."""
    top, left = random.integers(0, SIDE - CROP + 1, 2)
    part = picture[top : top + CROP, left : left + CROP]
    if random.integers(0, 2):
        part = part[:, ::-1]
    return numpy.ascontiguousarray(part.transpose(2, 0, 1), dtype=numpy.float32)


def sources(folder, kind):
    """What the pictures are made of, and how one is made of it."""
    files = sorted((folder / "pictures").iterdir())
    if kind == "list":
        return files, lambda path: cv2.resize(cv2.imread(str(path)), (SIDE, SIDE))
    resized = [cv2.resize(cv2.imread(str(path)), (SIDE, SIDE)) for path in files]
    if kind == "raw":
        return resized, lambda picture: picture
    packed = [cv2.imencode(".jpg", picture)[1] for picture in resized]
    return packed, lambda data: cv2.imdecode(data, cv2.IMREAD_COLOR)


def measure(folder, kind, seconds):
    cv2.setNumThreads(1)
    items, make = sources(folder, kind)
    random = [numpy.random.default_rng(seed) for seed in range(BATCH)]
    endless = itertools.cycle(items)
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def batch():
            drafts = list(itertools.islice(endless, BATCH))
            return numpy.stack(list(pool.map(lambda draft: floats(make(draft[0]), draft[1]), zip(drafts, random))))

        batch()
        start, count = time.monotonic(), 0
        while time.monotonic() - start < seconds:
            batch()
            count += BATCH
        print(f"{count / (time.monotonic() - start):.0f}")


folder = pathlib.Path(sys.argv[2])
if sys.argv[1] == "draw":
    draw(folder, int(sys.argv[3]))
else:
    measure(folder, sys.argv[3], float(sys.argv[4]))
