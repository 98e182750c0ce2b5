/// A dense block of 32-bit floats in row-major order: the value of a blob outside of a session.
///
/// Copies share their memory until one of them is changed.
public struct Tensor: Sendable, Equatable {
  public let shape: Shape
  /// The elements, last axis fastest; always `shape.count` of them.
  public private(set) var values: [Float]

  /// A tensor with every element equal to `value`.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.shape = shape
    values = [Float](repeating: value, count: shape.count)
  }

  /// A tensor over the given elements.
  ///
  /// - Throws: `ShapeError` when their number is not the shape's.
  public init(_ shape: Shape, values: [Float]) throws(ShapeError) {
    guard values.count == shape.count else {
      throw ShapeError("shape \(shape) needs \(shape.count) values, got \(values.count)")
    }
    self.shape = shape
    self.values = values
  }

  /// A tensor whose memory `fill` writes in full, saving the pass that would zero it.
  public init(_ shape: Shape, fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    self.shape = shape
    values = try [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<shape.count]))
      count = shape.count
    }
  }

  /// The element at a flat index.
  public subscript(index: Int) -> Float {
    get { values[index] }
    set { values[index] = newValue }
  }

  /// Gives `body` the elements to change in place.
  public mutating func withMutableValues<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
    try values.withUnsafeMutableBufferPointer { try body($0) }
  }

  /// The same elements under another shape of equal count.
  ///
  /// - Throws: `ShapeError` when the counts differ.
  public func reshaped(to shape: Shape) throws(ShapeError) -> Tensor {
    try Tensor(shape, values: values)
  }
}
