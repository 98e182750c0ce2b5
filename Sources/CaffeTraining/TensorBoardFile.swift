import CaffeCore
import CaffeFormat

/// A TensorBoard event file: scalars by tag and step, readable while it grows.
///
/// The format is TensorFlow's: records of a little-endian length and its checksum, then an Event message and its checksum.
public final class TensorBoardFile {
  private let file: AppendingFile

  /// Begins a file in a folder, which is made when it is not there. Runs that go on add a file of their own, and TensorBoard shows
  /// them as one.
  ///
  /// - Parameters:
  ///   - name: what tells this file from others of the folder.
  ///   - time: seconds since 1970.
  /// - Throws: `FileError`.
  public init(folder: String, name: String, time: Double) throws(FileError) {
    file = try AppendingFile(path: "\(folder)/events.out.tfevents.\(Int(time)).\(name)")
    var event = Message(TensorBoardFile.event)
    event.append("wall_time", .double(time))
    event.append("file_version", .string("brain.Event:2"))
    try write(event)
  }

  /// Adds the numbers of an event.
  ///
  /// - Throws: `FileError`.
  public func write(_ event: TrainingEvent, time: Double) throws(FileError) {
    let scalars = TensorBoardFile.scalars(event)
    guard !scalars.isEmpty, let iteration = event.iteration else { return }
    var summary = Message(TensorBoardFile.summary)
    for (tag, number) in scalars {
      var value = Message(TensorBoardFile.value)
      value.append("tag", .string(tag))
      value.append("simple_value", .float(number))
      summary.append("value", .message(value))
    }
    var message = Message(TensorBoardFile.event)
    message.append("wall_time", .double(time))
    message.append("step", .integer(Int64(iteration)))
    message.append("summary", .message(summary))
    try write(message)
  }

  private static func scalars(_ event: TrainingEvent) -> [(tag: String, value: Float)] {
    let group: String
    switch event.event {
    case .train: group = "train"
    case .test: group = event.net.map { $0 > 0 ? "test_\($0)" : "test" } ?? "test"
    case .snapshot, .resumed, .skipped, .end: return []
    }
    let own = [("loss", event.loss), ("rate", event.rate)].compactMap { name, value in value.map { ("\(group)/\(name)", $0) } }
    let outputs = event.outputs.sorted { $0.key < $1.key }.flatMap { blob, values in
      values.enumerated().map { ("\(group)/output \(blob)" + (values.count > 1 ? "[\($0)]" : ""), $1) }
    }
    return own + outputs
  }

  private func write(_ message: Message) throws(FileError) {
    let content = WireWriter.bytes(message)
    let length = TensorBoardFile.bytes(UInt64(content.count))
    func checksum(_ bytes: [UInt8]) -> [UInt8] { TensorBoardFile.bytes(bytes.withUnsafeBytes(CRC32C.masked)) }
    try file.write(length + checksum(length) + content + checksum(content))
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.littleEndian, Array.init) }

  // MARK: TensorFlow's messages, as far as scalars need them

  private static let event = MessageSchema(
    "Event",
    [
      FieldSchema("wall_time", 1, .double), FieldSchema("step", 2, .int64), FieldSchema("file_version", 3, .string),
      FieldSchema("summary", 5, .message(summary)),
    ])
  private static let summary = MessageSchema("Summary", [FieldSchema("value", 1, .message(value), repeated: true)])
  private static let value = MessageSchema("Value", [FieldSchema("tag", 1, .string), FieldSchema("simple_value", 2, .float)])
}
