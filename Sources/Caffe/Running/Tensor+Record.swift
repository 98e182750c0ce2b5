import CaffeCore
import CaffeTraining

/// Tensors on their way between ranks: the number of axes, the axes and the values, as they lie in memory.
extension Tensor {
  /// This tensor.
  var record: [UInt8] {
    let axes = ([shape.rank] + shape.dims).withUnsafeBytes(Array.init)
    return axes + values.withUnsafeBytes(Array.init)
  }

  /// The tensors of records that stand one behind the other.
  ///
  /// - Throws: `RankError` when they are none.
  static func list(_ bytes: [UInt8]) throws -> [Tensor] {
    var (tensors, place): ([Tensor], Int) = ([], 0)
    func take<Value: BitwiseCopyable>(_ count: Int, _ zero: Value) throws(RankError) -> [Value] {
      let size = MemoryLayout<Value>.stride
      guard count >= 0, count <= (bytes.count - place) / size else { throw RankError("a rank sent half a tensor") }
      defer { place += count * size }
      return bytes.withUnsafeBytes { bytes in
        (0..<count).map { bytes.loadUnaligned(fromByteOffset: place + $0 * size, as: Value.self) }
      }
    }
    while place < bytes.count {
      let dims = try take(try take(1, 0)[0], 0)
      let shape = try Shape(validating: dims)
      tensors.append(try Tensor(shape, values: try take(shape.count, Float(0))))
    }
    return tensors
  }
}
