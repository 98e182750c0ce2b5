"""OpenCV's module dnn, which reads Caffe's files itself."""

PACKAGES = ["opencv-python-headless==4.14.0.94"]
MODULES = ["cv2"]
VARIANTS = {"inference": [""]}


def prepare(task):
    import cv2

    cv2.setNumThreads(task.threads)
    net = cv2.dnn.readNetFromCaffe(task.file("deploy.prototxt"), task.file("net.caffemodel"))
    pictures, answer = task.pictures(), []

    def compute():
        net.setInput(pictures)
        answer[:] = [net.forward()]

    return compute, lambda: answer[0]
