import CaffeCore
import CaffeData
import CaffeFormat

extension TemporaryDirectory {
  /// A database of the given records, keys rising.
  func database(_ records: [Datum], name: String = "db", kind: DatabaseKind = .lmdb) throws -> String {
    let writer = try DatabaseWriter(path: file(name), kind: kind)
    for (index, record) in records.enumerated() {
      try writer.put(key: Array(String(10_000_000 + index).utf8), value: record.bytes)
    }
    try writer.commit()
    return file(name)
  }
}

extension Datum {
  /// A record of bytes that count up from `first`, labelled with it.
  static func counting(_ first: Int, channels: Int = 1, height: Int = 2, width: Int = 3) -> Datum {
    var datum = Datum()
    datum.channels = channels
    datum.height = height
    datum.width = width
    datum.data = (0..<channels * height * width).map { UInt8(truncatingIfNeeded: first + $0) }
    datum.label = first
    return datum
  }

  /// A record of an encoded picture.
  static func encoded(_ image: Image, as kind: ImageKind = .png) throws -> Datum {
    var datum = Datum()
    datum.data = try ImageEncoder.encode(image, as: kind)
    datum.encoded = true
    return datum
  }
}

extension TransformationParameter {
  /// Parameters with some of them set.
  static func with(_ change: (inout TransformationParameter) -> Void) -> TransformationParameter {
    var parameters = TransformationParameter()
    change(&parameters)
    return parameters
  }
}
