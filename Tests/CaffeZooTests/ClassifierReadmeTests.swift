import Caffe
import CaffeData
import CaffeVision
import CaffeZoo
import Foundation
import Testing

@Suite("A classifier's readme")
struct ClassifierReadmeTests {
  /// A model directory with a net of three weights, one per channel, that puts out the channels' means.
  private final class Model {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-zoo-\(UUID().uuidString)").path

    init(_ frontMatter: String, trained: String = "") throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let deploy = """
        layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 2 dim: 2 } } }
        layer { name: "pool" type: "Pooling" bottom: "data" top: "prob" pooling_param { pool: AVE kernel_size: 2 } }
        """
      try write(deploy, "deploy.prototxt")
      if !trained.isEmpty {
        try write("layer { name: \"data\" type: \"Data\" top: \"data\" transform_param { \(trained) } }", "train_val.prototxt")
      }
      try write(frontMatter, "readme.md")
      try write("a\nb\nc\n", "names.txt")
      try write("x\ny\nz\n", "labels.txt")
      // An empty caffemodel with the net's name only: the pooling needs no weights.
      try Data([0xA2, 0x06, 0x06, 0x0A, 0x04] + Array("pool".utf8)).write(to: URL(filePath: "\(path)/net.caffemodel"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, _ name: String) throws {
      try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    /// The answers to a picture of blue 10, green 20, red 40, best first.
    func answers(mean: String? = nil, scale: Float? = nil, labels: String? = nil) throws -> ([String], [String]) {
      var options = NetOptions()
      options.engine = .reference
      let classifier = try Classifier(path, labels: labels, mean: mean, scale: scale, options: options)
      let image = try Image(width: 2, height: 2, channels: 3, pixels: (0..<4).flatMap { _ in [10, 20, 40] as [UInt8] })
      let answers = try classifier.classify(image, top: 3)
      return (
        answers.map { "\($0.label) \($0.score)" }, classifier.warnings.map { $0.replacingOccurrences(of: path, with: "DIR") }
      )
    }
  }

  private static func front(_ lines: String) -> String {
    "---\nname: Net\ncaffemodel: net.caffemodel\nlicense: MIT\n\(lines)\n---\n"
  }

  @Test("says how pictures are prepared, for the training net and above it")
  func wins() throws {
    let plain = try Model(Self.front(""), trained: "scale: 2 mean_value: 1")
    #expect(try plain.answers() == (["z 78.0", "y 38.0", "x 18.0"], []))
    let own = try Model(
      Self.front("labels: names.txt\npreprocessing: {channel_order: RGB, mean: [40, 10, 0], scale: 3}"),
      trained: "scale: 2 mean_value: 1")
    #expect(try own.answers() == (["b 30.0", "c 30.0", "a 0.0"], []))
    #expect(try own.answers(mean: "0", scale: 1, labels: own.path + "/labels.txt") == (["x 40.0", "y 20.0", "z 10.0"], []))
    let part = try Model(Self.front("preprocessing: {scale: 3}"), trained: "scale: 2 mean_value: 1")
    #expect(try part.answers() == (["z 117.0", "y 57.0", "x 27.0"], []))
    let instead = try Model(Self.front("preprocessing: {mean: 1}"), trained: "mean_file: \"absent.binaryproto\"")
    #expect(try instead.answers().0 == ["z 39.0", "y 19.0", "x 9.0"])
  }

  @Test("that is broken is passed over, with a warning")
  func broken() throws {
    let model = try Model(
      "---\nname: Net\ncaffemodel: [\npreprocessing: {channel_order: gray, mean: [1, 2], mean_file: absent}\nlabels: gone.txt\n---\n",
      trained: "scale: 2")
    #expect(
      try model.answers() == (
        ["z 80.0", "y 40.0", "x 20.0"],
        [
          "DIR/readme.md has mistakes in its front matter; `caffe zoo check DIR` lists them",
          "DIR: the readme's labels names \"gone.txt\", which is not there",
          "DIR: the readme's mean_file names \"absent\", which is not there",
          "DIR: the readme has 2 means for 3 channel(s); they are not used",
          "DIR: the readme's channel_order is gray, but the net takes 3 channel(s)",
        ]
      ))
    #expect(try Model("# A net without front matter\n").answers() == (["z 40.0", "y 20.0", "x 10.0"], []))
    #expect(try Model(String(repeating: "a", count: 1 << 21)).answers().1.count == 1)
  }
}
