import CaffeCore

/// BlobProto: the stored values of one blob.
public struct BlobRecord: Sendable {
  /// The dimensions; four of them, outermost padded with 1, in files from before N-D blobs.
  public let shape: Shape
  /// Whether the file used num, channels, height and width instead of `shape`.
  public let isLegacy: Bool
  public let data: NumberRun
  /// The gradient, when the file holds one.
  public let diff: NumberRun?

  public init(shape: Shape, isLegacy: Bool = false, data: NumberRun, diff: NumberRun? = nil) {
    self.shape = shape
    self.isLegacy = isLegacy
    self.data = data
    self.diff = diff
  }

  public init(_ tensor: Tensor, diff: Tensor? = nil) {
    self.init(shape: tensor.shape, data: NumberRun(tensor.values), diff: diff.map { NumberRun($0.values) })
  }

  static let schema = MessageSchema(
    "BlobProto",
    [
      FieldSchema("num", 1, .int32, default: "0"), FieldSchema("channels", 2, .int32, default: "0"),
      FieldSchema("height", 3, .int32, default: "0"), FieldSchema("width", 4, .int32, default: "0"),
      FieldSchema("data", 5, .float, repeated: true, packed: true), FieldSchema("diff", 6, .float, repeated: true, packed: true),
      FieldSchema("shape", 7, .message(BlobShape.schema)),
      FieldSchema("double_data", 8, .double, repeated: true, packed: true),
      FieldSchema("double_diff", 9, .double, repeated: true, packed: true),
    ])

  /// Reads a decoded BlobProto.
  ///
  /// - Parameter name: what errors call the blob.
  /// - Throws: `BlobError` when dimensions and values do not fit each other.
  package init(_ message: Message, name: @autoclosure () -> String) throws(BlobError) {
    let legacyNames = ["num", "channels", "height", "width"]
    isLegacy = legacyNames.contains(where: message.has) && !message.has("shape")
    let dims =
      isLegacy
      ? legacyNames.map { Int(message.last($0)?.value.integer ?? 0) }
      : BlobShape(message.last("shape")?.value.message ?? Message(BlobShape.schema)).dim
    do { shape = try Shape(validating: dims) } catch { throw BlobError(blob: name(), reason: error.description) }
    let stored = BlobRecord.run(message, "data")
    guard let stored, stored.count == shape.count else {
      throw BlobError(blob: name(), reason: "its shape \(shape) needs \(shape.count) values, the file has \(stored?.count ?? 0)")
    }
    data = stored
    diff = BlobRecord.run(message, "diff").flatMap { [count = shape.count] in $0.count == count ? $0 : nil }
  }

  private static func run(_ message: Message, _ name: String) -> NumberRun? {
    let entries = message.all(name) + message.all("double_\(name)")
    guard entries.count != 1 else { return entries[0].value.numbers ?? NumberRun(entries[0].value.floats) }
    return entries.isEmpty ? nil : NumberRun(entries.flatMap(\.value.floats))
  }

  /// The BlobProto message.
  package var message: Message {
    var message = Message(BlobRecord.schema)
    var shapeMessage = BlobShape()
    shapeMessage.dim = shape.dims
    message.append("shape", .message(shapeMessage.message))
    message.append("data", .numbers(NumberRun.asFloats(data)))
    if let diff { message.append("diff", .numbers(NumberRun.asFloats(diff))) }
    return message
  }

  /// The values as a tensor.
  public var tensor: Tensor {
    Tensor(shape) { buffer in if let base = buffer.baseAddress { data.copy(to: base) } }
  }

  /// Whether the blob may fill a parameter of that shape: equal, or for legacy blobs equal once leading ones are
  /// dropped (a bias was stored as 1x1x1xN). Caffe 1.0's `Blob::ShapeEquals`.
  public func fits(_ other: Shape) -> Bool {
    if shape == other { return true }
    guard isLegacy, other.rank <= 4 else { return false }
    return shape.dims == [Int](repeating: 1, count: 4 - other.rank) + other.dims
  }

  /// Decodes a file that is one BlobProto: a mean image.
  ///
  /// - Throws: `FileError`, `WireError` or `BlobError`.
  public static func read(path: String) throws -> BlobRecord {
    let message = try WireReader.decode(try MappedFile(path: path), as: schema)
    return try BlobRecord(message, name: path)
  }

  /// Writes the blob as a file of its own, with the four legacy dimensions that Caffe's own tools write for a mean image.
  ///
  /// - Throws: `FileError`.
  package func writeMean(path: String) throws {
    var message = Message(BlobRecord.schema)
    let dims = [Int](repeating: 1, count: max(0, 4 - shape.rank)) + shape.dims
    for (name, dim) in zip(["num", "channels", "height", "width"], dims) { message.append(name, .integer(Int64(dim))) }
    message.append("data", .numbers(data))
    try WireWriter.write(message, path: path)
  }
}

extension FieldValue {
  /// The numbers of a run, or the one number that stands alone (files need not pack them).
  fileprivate var floats: [Float] {
    switch self {
    case .numbers(let run): run.floats
    case .float(let value): [value]
    case .double(let value): [Float(value)]
    default: []
    }
  }
}

extension NumberRun {
  /// The run with float elements, itself where it has them already.
  static func asFloats(_ run: NumberRun) -> NumberRun { run.element == .float ? run : NumberRun(run.floats) }
}

/// A stored blob that makes no sense.
public struct BlobError: Error, Sendable, CustomStringConvertible {
  public let blob: String
  public let reason: String
  public init(blob: String, reason: String) {
    self.blob = blob
    self.reason = reason
  }
  public var description: String { "\(blob): \(reason)" }
}
