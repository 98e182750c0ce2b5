import CaffeCore
import CaffeData
import Foundation

/// What `caffe detect --json` prints of a picture, and `caffe evaluate-detections` reads.
public struct DetectionRecord: Codable, Sendable {
  /// An object: class, score and edges in pixels, maxima outside.
  public struct Object: Codable, Sendable {
    /// The class, counted from 0 as the net's outputs are.
    public var index: Int
    /// The class's line in the labels; its number without labels.
    public var label: String
    public var score: Float
    public var ymin, xmin, ymax, xmax: Double

    public init(_ detection: Detection, label: String) {
      (index, self.label, score) = (detection.index, label, detection.score)
      let window = detection.window
      (ymin, xmin, ymax, xmax) = (window.minY, window.minX, window.maxY, window.maxX)
    }
  }

  /// The picture's path.
  public var image: String
  /// Of the picture, in pixels.
  public var height: Int
  public var width: Int
  /// How many windows were scored.
  public var windows: Int
  /// The best first.
  public var detections: [Object]
  /// What the parts of the work took.
  public var seconds: [String: Double]

  public init(image: String, height: Int, width: Int, windows: Int, detections: [Object], seconds: [String: Double]) {
    (self.image, self.height, self.width, self.windows) = (image, height, width, windows)
    (self.detections, self.seconds) = (detections, seconds)
  }
}

extension DetectionRecord {
  /// Reads what `caffe detect --json` printed.
  ///
  /// - Throws: `FileError` when the file cannot be read, `DataFileError` when it holds something else.
  public static func read(contentsOf path: String) throws -> [DetectionRecord] {
    let bytes = try FileBytes.read(path, limit: 1 << 28)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do { return try decoder.decode([DetectionRecord].self, from: Data(bytes)) } catch let error as DecodingError {
      throw DataFileError(path: path, "not what `caffe detect --json` prints: \(reason(error))")
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context): "\(place(context.codingPath)) has no \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(place(context.codingPath)): \(context.debugDescription)"
    case .dataCorrupted(let context): context.debugDescription
    @unknown default: "\(error)"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "the file" : path.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: "/")
  }
}
