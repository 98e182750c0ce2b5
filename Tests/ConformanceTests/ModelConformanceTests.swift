import Caffe
import CaffeCore
import CaffeData
import CaffeFormat
import CaffeHDF5
import CaffeTesting
import Testing

@Suite("Published models answer as in Caffe", .enabled(if: Conformance.folder != nil, "\(Checkout.sharedReason)"))
struct ModelConformanceTests {
  private static let folder = (Conformance.folder ?? "") + "/models"

  @Test("face detection nets", arguments: ["12", "24", "48"])
  func faces(size: String) throws {
    let folder = "\(Self.folder)/mtcnn_\(size)"
    for setting in Conformance.Setting.all {
      let differences = try Conformance.differences(
        "\(folder)/deploy.prototxt", weights: "\(folder)/\(size)net.caffemodel", values: "\(folder)/expected.h5", setting,
        tops: "output")
      #expect(differences == [], "\(setting.testDescription)")
    }
  }

  private static let runs = Conformance.Setting.all.map { setting in
    (setting, setting.engine == .oneDNN && setting.without.isEmpty ? 10_000 : 200)
  }

  @Test("LeNet on MNIST's test images, of which it reads 99.14 %", arguments: runs)
  func lenet(setting: Conformance.Setting, count: Int) throws {
    let expected = try HDF5Reader(path: "\(Self.folder)/lenet/expected.h5").tensor("prob")
    let probabilities = try Self.probabilities(setting, count: count)
    #expect(Tolerance().mismatch(probabilities, Self.rows(expected, count)) == nil)
    let correct = zip(try Self.labels().prefix(count), 0..<count).count { label, row in
      let scores = probabilities.values[row * 10..<(row + 1) * 10]
      return scores.indices.max { scores[$0] < scores[$1] } == row * 10 + Int(label)
    }
    if count == 10_000 { #expect(correct == 9914) }
  }

  private static func rows(_ tensor: Tensor, _ count: Int) -> Tensor {
    Tensor([count, 10]) { _ = $0.update(from: tensor.values.prefix(count * 10)) }
  }

  private static func probabilities(_ setting: Conformance.Setting, count: Int) throws -> Tensor {
    let net = try Net(
      prototxt: "\(folder)/lenet/deploy.prototxt", weights: "\(folder)/lenet/lenet_iter_10000.caffemodel",
      options: setting.options)
    let (batch, pixels) = (200, try images())
    var values: [Float] = []
    for start in stride(from: 0, to: count, by: batch) {
      let images = Tensor([batch, 1, 28, 28]) { buffer in
        for index in buffer.indices { buffer[index] = Float(pixels[start * 784 + index]) * 0.00390625 }
      }
      values += try net.forward(["data": images])["prob"]?.values ?? []
    }
    return try Tensor([count, 10], values: values)
  }

  private static func images() throws -> [UInt8] {
    try IDXFile(path: "\(Checkout().shared ?? "")/data/mnist/t10k-images-idx3-ubyte.gz", rank: 3).bytes
  }

  private static func labels() throws -> [UInt8] {
    try IDXFile(path: "\(Checkout().shared ?? "")/data/mnist/t10k-labels-idx1-ubyte.gz", rank: 1).bytes
  }
}
