import CaffeCore
import CaffeFormat
import CaffeHDF5
import Foundation
import Testing

@Suite("Classifiers cast to convolutions", .enabled(if: Program.isBuilt))
struct ConvolutionCastTests {
  private static let net = """
    name: "small"  # a classifier of 12x10 pictures
    layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 12 dim: 10 } } }
    layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 3 kernel_size: 3 } }
    layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
    layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { kernel_size: 2 stride: 2 } }
    layer { name: "fc1" type: "InnerProduct" bottom: "pool" top: "fc1" inner_product_param { num_output: 6 } }
    layer { name: "relu1" type: "ReLU" bottom: "fc1" top: "fc1" }
    layer { name: "fc2" type: "InnerProduct" bottom: "fc1" top: "fc2"
      inner_product_param { num_output: 4 bias_term: false transpose: true } }
    layer { name: "prob" type: "Softmax" bottom: "fc2" top: "prob" }

    """

  private static func random(_ shape: Shape, _ seed: UInt64) throws -> Tensor {
    let stream = RandomStream(seed: seed)
    return try Tensor(shape, values: (0..<shape.count).map { stream.uniform($0) - 0.5 })
  }

  private static func place() throws -> Workplace {
    let folder = try Workplace()
    try folder.write(net, to: "small.prototxt")
    let blobs: [(String, [Shape])] = [
      ("conv", [[3, 2, 3, 3], [3]]), ("fc1", [[6, 60], [6]]), ("fc2", [[6, 4]]),
    ]
    let layers = try blobs.enumerated().map { index, layer in
      WeightSet.Layer(
        name: layer.0, blobs: try layer.1.enumerated().map { BlobRecord(try random($1, UInt64(10 * index + $0))) })
    }
    try WeightSet(name: "small", layers: layers).write(path: folder.file("small.caffemodel"))
    return folder
  }

  /// What a net says of a picture.
  private static func answer(_ picture: Tensor, _ net: String, _ weights: String, in folder: Workplace) throws -> Tensor {
    let writer = try HDF5Writer(path: folder.file("in.h5"))
    try writer.write(picture, to: "input/data")
    try writer.commit()
    let outcome = try Program.run(
      "run", net, "--weights", weights, "--input", "in.h5", "--output", "out.h5", "--threads", "1", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    return try HDF5Reader(path: folder.file("out.h5")).tensor("top/prob")
  }

  /// A part of a 1×2×H×W picture.
  private static func crop(_ picture: Tensor, top: Int, left: Int) throws -> Tensor {
    let (height, width) = (picture.shape[2], picture.shape[3])
    return try Tensor(
      [1, 2, 12, 10],
      values: (0..<240).map { index in
        let (channel, y, x) = (index / 120, index / 10 % 12, index % 10)
        return picture.values[(channel * height + top + y) * width + left + x]
      })
  }

  @Test(
    "every place of the map is what the classifier says of the crop there", arguments: ["full.caffemodel", "full.caffemodel.h5"])
  func map(weights: String) throws {
    let folder = try Self.place()
    let outcome = try Program.run(
      "weights", "convolve", "small.prototxt", "small.caffemodel", "full.prototxt", weights, "--input-shape", "data=1,2,18,20",
      in: folder)
    #expect(outcome.code == 0 && outcome.results == "fc1 -> fc1-conv\nfc2 -> fc2-conv\n", "\(outcome.words)")
    let text = String(decoding: try folder.bytes("full.prototxt"), as: UTF8.self)
    #expect(
      text.hasPrefix("name: \"small\"  # a classifier of 12x10 pictures\n") && text.contains("kernel_h: 5\n    kernel_w: 4\n"))
    let picture = try Self.random([1, 2, 18, 20], 99)
    let map = try Self.answer(picture, "full.prototxt", weights, in: folder)
    #expect(map.shape == [1, 4, 4, 6])
    for (y, x) in [(0, 0), (0, 5), (3, 0), (2, 3), (3, 5)] {
      let crop = try Self.crop(picture, top: 2 * y, left: 2 * x)
      let single = try Self.answer(crop, "small.prototxt", "small.caffemodel", in: folder)
      for label in 0..<4 {
        #expect(abs(map.values[(label * 4 + y) * 6 + x] - single.values[label]) < 1e-5)
      }
    }
  }

  @Test("the picture of the old size gets the old answer")
  func sameSize() throws {
    let folder = try Self.place()
    _ = try Program.run(
      "weights", "convolve", "small.prototxt", "small.caffemodel", "full.prototxt", "full.caffemodel", in: folder)
    let picture = try Self.random([1, 2, 12, 10], 5)
    let old = try Self.answer(picture, "small.prototxt", "small.caffemodel", in: folder)
    let new = try Self.answer(picture, "full.prototxt", "full.caffemodel", in: folder)
    #expect(new.shape == [1, 4, 1, 1])
    #expect(zip(old.values, new.values).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test(
    "what cannot be cast is named, and nothing is written",
    arguments: [
      (
        ["small.prototxt", "small.caffemodel"], ["--layer", "fc3"],
        "caffe: the net has no InnerProduct layer \"fc3\", did you mean \"fc1\"?\n"
      ),
      (["small.prototxt", "other.caffemodel"], [], "caffe: there are no weights for the layer \"fc1\"\n"),
      (["deploy.prototxt", "other.caffemodel"], [], "caffe: the weights of \"ip1\" have the shape 2, the net asks for 16x784\n"),
      (
        ["small.prototxt", "small.caffemodel"], ["--layer", "fc2"],
        "caffe: layer \"fc2-conv\" (Convolution) would read 1x6, which is no picture: cast the InnerProduct before it too\n"
      ),
    ] as [([String], [String], String)])
  func refused(files: [String], options: [String], words: String) throws {
    let folder = try Self.place()
    let layers = [WeightSet.Layer(name: "ip1", blobs: [BlobRecord(Tensor([2]))])]
    try WeightSet(layers: layers).write(path: folder.file("other.caffemodel"))
    let outcome = try Program.run(["weights", "convolve"] + files + ["new.prototxt", "new"] + options, in: folder)
    #expect(outcome.code == 1 && outcome.words.hasPrefix(words), "\(outcome.words)")
    #expect(!folder.contains("new.prototxt") && !folder.contains("new"))
  }
}
