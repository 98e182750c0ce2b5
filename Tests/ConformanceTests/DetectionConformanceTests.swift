import Caffe
import CaffeCore
import CaffeData
import CaffeTesting
import CaffeVision
import Foundation
import Testing

@Suite(
  "R-CNN's scores of windows", .serialized, .enabled(if: Conformance.folder != nil, "\(Checkout.sharedReason)"),
  .enabled(if: Python.isPresent, "\(Python.reason)"))
struct DetectionConformanceTests {
  private static let name = "bvlc_reference_rcnn_ilsvrc13"
  private static let means: [Float] = [104, 117, 123]

  /// Windows within, at the edges of, across the edges of and larger than either picture.
  private static let windows = [
    PictureWindow(minY: 79.846, minX: 9.62, maxY: 246.31, maxX: 339.624), PictureWindow(minY: 0, minX: 0, maxY: 50, maxX: 60),
    PictureWindow(minY: 100.5, minX: -20, maxY: 600, maxX: 300), PictureWindow(minY: 300, minX: 440, maxY: 323, maxX: 480),
    PictureWindow(minY: 10, minX: 20, maxY: 14, maxX: 300), PictureWindow(minY: -50, minX: -50, maxY: 500, maxX: 700),
    PictureWindow(minY: 200, minX: 100, maxY: 201, maxX: 101),
  ]

  @Test("are those of the net run on crops that are made here", arguments: ["cat.jpg", "fish-bike.jpg"])
  func scores(picture: String) throws {
    let folder = try TemporaryFolder()
    let shared = try #require(Conformance.folder)
    try Python.run("\(shared)/zoo/make_weights.py", Self.name, folder.file("weights"))
    let deploy = "\(Checkout().path)/models/\(Self.name)/deploy.prototxt"
    // The model's directory says which means are taken off.
    let model = try PictureModel("\(Checkout().path)/models/\(Self.name)", weights: folder.file("weights"))
    let image = try ImageDecoder.decode(contentsOf: "\(shared)/data/images/\(picture)")
    let result = try Detector(model).detect(in: image, windows: Self.windows)

    let net = try Net(prototxt: deploy, weights: folder.file("weights"))
    let crops = try Tensor(
      Shape([Self.windows.count, 3, 227, 227]), values: Self.windows.flatMap { try Self.crop($0, of: image) })
    let expected = try #require(try net.forward(["data": crops])["fc-rcnn"])
    let largest = expected.values.map(abs).max() ?? 0
    #expect(result.scores.shape.dims[0] == Self.windows.count && largest > 1)
    #expect(zip(result.scores.values, expected.values).allSatisfy { abs($0 - $1) <= 1e-4 * largest })
    // Each window has scores of its own.
    #expect(Set(expected.values).count > expected.shape.count / 2)
  }

  /// pycaffe's rule, axis by axis: the window's share of the crop, bilinear with half a pixel's shift, less the means.
  private static func crop(_ window: PictureWindow, of image: Image) throws -> [Float] {
    let rows = Axis(window.minY, window.maxY, image.height)
    let columns = Axis(window.minX, window.maxX, image.width)
    let (height, width) = (rows.source.count, columns.source.count)
    let pixels = rows.source.flatMap { y in
      image.pixels[(y * image.width + columns.source.lowerBound) * 3..<(y * image.width + columns.source.upperBound) * 3]
    }
    let part = try Image(width: width, height: height, channels: 3, pixels: pixels).resized(
      width: columns.target.count, height: rows.target.count)
    var values = [Float](repeating: 0, count: 3 * 227 * 227)
    for (y, line) in rows.target.enumerated() {
      for (x, column) in columns.target.enumerated() {
        for channel in 0..<3 {
          let pixel = Float(part.pixels[(y * columns.target.count + x) * 3 + channel])
          values[(channel * 227 + line) * 227 + column] = pixel - means[channel]
        }
      }
    }
    return values
  }

  private struct Axis {
    /// Pixels of the picture.
    let source: Range<Int>
    /// Where they go in the crop.
    let target: Range<Int>

    init(_ low: Double, _ high: Double, _ extent: Int) {
      let half = (high - low + 1) / 2
      let reach = half * 227 / 195
      let (first, last) = ((low + half - reach).rounded(.toNearestOrEven), (low + half + reach).rounded(.toNearestOrEven))
      let scale = 227 / (last - first + 1)
      let begin = first < 0 ? Int((-first * scale).rounded(.toNearestOrEven)) : 0
      let (inner, outer) = (min(max(first, 0), Double(extent)), min(max(last, 0), Double(extent)))
      let size = Int(((outer - inner + 1) * scale).rounded(.toNearestOrEven))
      source = Int(inner)..<Int(outer)
      target = begin..<min(begin + size, 227)
    }
  }
}
