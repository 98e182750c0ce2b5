import CaffeCore

/// Items as an array file of numpy: 32-bit floats, little-endian, row by row.
struct FeatureArray: FeatureWriter {
  private let file: AtomicFile

  init(path: String, items: Int, shape: Shape) throws(FileError) {
    file = try AtomicFile(path: path)
    try file.write(FeatureArray.header([items] + shape.dims))
  }

  mutating func add(_ batch: Tensor) throws {
    // As they lie in memory: every machine this runs on is little-endian.
    try batch.values.withUnsafeBytes { bytes in try file.write(bytes) }
  }

  mutating func commit() throws { try file.commit() }

  /// Version 1.0 of the format: a mark, the length of the text, and a Python dictionary that ends at a multiple of 64 bytes.
  static func header(_ dims: [Int]) -> [UInt8] {
    let shape = dims.map { "\($0), " }.joined()
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)), }"
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    let padding = String(repeating: " ", count: length - text.utf8.count - 1)
    let mark = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
    return mark + Array((text + padding + "\n").utf8)
  }
}
