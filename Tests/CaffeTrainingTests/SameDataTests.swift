import Caffe
import CaffeCore
import CaffeData
import CaffeHDF5
import CaffeTesting
import CaffeTraining
import Foundation
import Testing

/// The same 48 pictures as LMDB, LevelDB, HDF5 and a list of PNG files.
@Suite("The same pictures from every kind of source")
struct SameDataTests {
  private static let sources = [
    "lmdb": "type: 'Data' data_param { source: 'lmdb' backend: LMDB batch_size: 8 } transform_param { scale: 0.00390625 }",
    "leveldb": "type: 'Data' data_param { source: 'leveldb' batch_size: 8 } transform_param { scale: 0.00390625 }",
    "hdf5": "type: 'HDF5Data' hdf5_data_param { source: 'hdf5.txt' batch_size: 8 }",
    "images": """
    type: 'ImageData' image_data_param { source: 'list.txt' is_color: false batch_size: 8 }
    transform_param { scale: 0.00390625 }
    """,
  ]

  /// LeNet, as Caffe's example has it.
  private static let layers = """
    layer { name: 'conv1' type: 'Convolution' bottom: 'data' top: 'conv1'
      convolution_param { num_output: 20 kernel_size: 5 weight_filler { type: 'xavier' } } }
    layer { name: 'pool1' type: 'Pooling' bottom: 'conv1' top: 'pool1' pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
    layer { name: 'conv2' type: 'Convolution' bottom: 'pool1' top: 'conv2'
      convolution_param { num_output: 50 kernel_size: 5 weight_filler { type: 'xavier' } } }
    layer { name: 'pool2' type: 'Pooling' bottom: 'conv2' top: 'pool2' pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
    layer { name: 'ip1' type: 'InnerProduct' bottom: 'pool2' top: 'ip1'
      inner_product_param { num_output: 50 weight_filler { type: 'xavier' } } }
    layer { name: 'relu1' type: 'ReLU' bottom: 'ip1' top: 'ip1' }
    layer { name: 'ip2' type: 'InnerProduct' bottom: 'ip1' top: 'ip2'
      inner_product_param { num_output: 10 weight_filler { type: 'xavier' } } }
    layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'ip2' bottom: 'label' top: 'loss' }
    """

  private func writePictures(_ folder: TemporaryFolder) throws {
    let random = RandomStream(seed: 9)
    let pictures = (0..<48).map { item in
      (0..<784).map { UInt8(truncatingIfNeeded: random.bits(item * 784 + $0)) / (item % 5 == 0 ? 1 : 3) }
    }
    var lines = ""
    for (index, pixels) in pictures.enumerated() {
      let image = try Image(width: 28, height: 28, channels: 1, pixels: pixels)
      try Data(ImageEncoder.encode(image, as: .png)).write(to: URL(filePath: folder.file("\(index).png")))
      lines += "\(index).png \(index % 10)\n"
    }
    try Data(lines.utf8).write(to: URL(filePath: folder.file("list.txt")))
    for kind in DatabaseKind.allCases {
      var options = DatabaseConversion.ImageOptions()
      (options.isGray, options.backend) = (true, kind)
      _ = try DatabaseConversion.images(
        root: folder.path, list: folder.file("list.txt"), into: folder.file(kind.rawValue), options: options)
    }
    let file = try HDF5Writer(path: folder.file("rows.h5"))
    try file.write(try Tensor([48, 1, 28, 28], values: pictures.joined().map { Float($0) / 256 }), to: "data")
    try file.write(try Tensor([48], values: (0..<48).map { Float($0 % 10) }), to: "label")
    try file.commit()
    try Data("rows.h5\n".utf8).write(to: URL(filePath: folder.file("hdf5.txt")))
  }

  private func losses(_ source: String, _ folder: TemporaryFolder) throws -> [Float] {
    let net = "layer { name: 'd' top: 'data' top: 'label' \(source) }\n" + Self.layers
    try Data(net.utf8).write(to: URL(filePath: folder.file("net.prototxt")))
    let solver = "net: 'net.prototxt' base_lr: 0.01 momentum: 0.9 lr_policy: 'fixed' max_iter: 14 random_seed: 5 "
    try Data((solver + "snapshot_after_train: false").utf8).write(to: URL(filePath: folder.file("solver.prototxt")))
    let training = try Training(solver: folder.file("solver.prototxt")).prepare()
    var losses: [Float] = []
    training.onStep = { losses.append($0.loss) }
    try training.solve()
    return losses
  }

  @Test("train LeNet with the same losses")
  func losses() throws {
    let folder = try TemporaryFolder()
    try writePictures(folder)
    let losses = try Self.sources.mapValues { try self.losses($0, folder) }
    let first = try #require(losses["lmdb"])
    #expect(first.count == 14 && Set(first).count == 14)
    for (source, found) in losses { #expect(found == first, "\(source)") }
  }
}
