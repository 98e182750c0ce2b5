"""What scripts/bench-proposals compares with: selective search of OpenCV's extra modules.

bench-proposals.py CAFFE FOLDER WORK ROUNDS     prints times, their ratio, and how far windows agree
"""

import json
import pathlib
import statistics
import subprocess
import sys
import time

import cv2
import numpy

COUNT, WIDTH, MINIMUM_SIDE, OVERLAP = 20, 500, 20, 0.7
SCALES = (50, 100)
parts = cv2.ximgproc.segmentation


def prepare(folder, work):
    """Pictures of the working width, so that neither program resizes them."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))[:COUNT]
    pictures = []
    for path in files:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            sys.exit(f"bench-proposals: {path} is no picture")
        height = max(1, round(picture.shape[0] * WIDTH / picture.shape[1]))
        picture = cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)
        target = work / f"{path.stem}.png"
        cv2.imwrite(str(target), picture)
        pictures.append(target)
    if not pictures:
        sys.exit(f"bench-proposals: there is no picture in {folder}")
    return pictures


def strategies():
    color = parts.createSelectiveSearchSegmentationStrategyColor
    fill = parts.createSelectiveSearchSegmentationStrategyFill
    texture = parts.createSelectiveSearchSegmentationStrategyTexture
    size = parts.createSelectiveSearchSegmentationStrategySize
    several = parts.createSelectiveSearchSegmentationStrategyMultiple
    return several(color(), fill(), texture(), size()), several(fill(), texture(), size())


def theirs(path, threads):
    """OpenCV's windows (ymin, xmin, ymax, xmax), and the seconds they took from the decoded picture on."""
    cv2.setNumThreads(threads)
    picture = cv2.imread(str(path))
    start = time.perf_counter()
    search = parts.createSelectiveSearchSegmentation()
    search.setBaseImage(picture)
    for code in (cv2.COLOR_BGR2HSV, cv2.COLOR_BGR2Lab):
        search.addImage(cv2.cvtColor(picture, code))
    for k in SCALES:
        search.addGraphSegmentation(parts.createGraphSegmentation(0.8, float(k), k))
    for strategy in strategies():
        search.addStrategy(strategy)
    boxes = search.process()
    seconds = time.perf_counter() - start
    return numpy.array([(y, x, y + height, x + width) for x, y, width, height in boxes], float), seconds


def ours(caffe, path, threads):
    """The same by caffe."""
    command = [caffe, "proposals", str(path), "--json", "--threads", str(threads)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[0]
    boxes = [[window[side] for side in ("ymin", "xmin", "ymax", "xmax")] for window in answer["windows"]]
    return numpy.array(boxes, float), answer["seconds"]


def large(boxes):
    """Without the small ones, which caffe leaves out itself."""
    return boxes[(boxes[:, 2] - boxes[:, 0] >= MINIMUM_SIDE) & (boxes[:, 3] - boxes[:, 1] >= MINIMUM_SIDE)]


def covered(boxes, others):
    """For each box whether one of the others overlaps it enough."""
    sides = [
        numpy.minimum(boxes[:, None, axis + 2], others[None, :, axis + 2])
        - numpy.maximum(boxes[:, None, axis], others[None, :, axis])
        for axis in (0, 1)
    ]
    shared = numpy.clip(sides[0], 0, None) * numpy.clip(sides[1], 0, None)
    areas = [(each[:, 2] - each[:, 0]) * (each[:, 3] - each[:, 1]) for each in (boxes, others)]
    return (shared / (areas[0][:, None] + areas[1][None] - shared)).max(1) >= OVERLAP


def compare_windows(caffe, pictures):
    found, missing = [], []
    for path in pictures:
        mine, other = large(ours(caffe, path, 1)[0]), large(theirs(path, 1)[0])
        found.append(covered(mine, other))
        missing.append(covered(other, mine))
        print(
            f"{path.stem}: caffe {len(mine)} windows, {found[-1].mean():.1%} of them in OpenCV's;"
            f" OpenCV {len(other)}, {missing[-1].mean():.1%} of them in caffe's"
        )
    found, missing = numpy.concatenate(found), numpy.concatenate(missing)
    print(f"all {len(pictures)}: {found.mean():.1%} of caffe's windows in OpenCV's, {missing.mean():.1%} of OpenCV's in caffe's")


def compare_times(caffe, pictures, rounds):
    for threads in (1, 2):
        ratios = []
        for number in range(rounds):
            times = [(ours(caffe, path, threads)[1], theirs(path, threads)[1]) for path in pictures]
            mine, other = (sum(column) / len(pictures) for column in zip(*times))
            ratios.append(statistics.median(b / a for a, b in times))
            print(
                f"threads {threads}, round {number + 1}: caffe {mine:.3f}, OpenCV {other:.3f} seconds a picture;"
                f" median ratio {ratios[-1]:.1f}"
            )
        print(f"threads {threads}: caffe is {statistics.median(ratios):.1f} times as fast")


caffe, folder, work, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4])
pictures = prepare(folder, work)
compare_windows(caffe, pictures)
compare_times(caffe, pictures, rounds)
