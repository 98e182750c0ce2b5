/// The dimensions of a blob, outermost first: (N, C, H, W) for images.
///
/// A shape without dimensions is a scalar with one element, as in Caffe, where a loss has the shape `()`.
public struct Shape: Hashable, Sendable {
  /// The most elements a blob may hold; Caffe 1.0 refuses more as well (`INT_MAX`).
  public static let maximumCount = Int(Int32.max)
  /// The most dimensions a blob may have (Caffe's `kMaxBlobAxes`).
  public static let maximumAxes = 32

  /// Extent per axis, each at least 0.
  public let dims: [Int]
  /// The number of elements: the product of `dims`.
  public let count: Int

  /// Makes a shape from dimensions that came from outside.
  ///
  /// An axis of extent 0 does not make room for others: the product of the rest is bounded all the same, so that
  /// products over some of the axes cannot overflow either.
  ///
  /// - Throws: `ShapeError` when there are more than 32 axes, a dimension is negative, or the product
  ///   passes 2,147,483,647 elements.
  public init(validating dims: [Int]) throws(ShapeError) {
    guard dims.count <= Shape.maximumAxes else {
      throw ShapeError("a blob has at most \(Shape.maximumAxes) axes, this one has \(dims.count)")
    }
    var bound = 1
    for dim in dims {
      guard dim >= 0 else { throw ShapeError("dimension \(dim) is negative in \(Shape.describe(dims))") }
      let (product, overflow) = bound.multipliedReportingOverflow(by: max(1, dim))
      guard !overflow, product <= Shape.maximumCount else {
        throw ShapeError("\(Shape.describe(dims)) has more than \(Shape.maximumCount) elements")
      }
      bound = product
    }
    self.dims = dims
    count = dims.contains(0) ? 0 : bound
  }

  /// Makes a shape from dimensions that are known to be sound, or that a caller checks later: a count that does not fit
  /// is `Int.max`.
  public init(_ dims: [Int]) {
    self.dims = dims
    count = dims.reduce(1) { product, dim in
      let (next, overflow) = product.multipliedReportingOverflow(by: dim)
      return overflow ? Int.max : next
    }
  }

  /// The number of axes.
  public var rank: Int { dims.count }

  /// Extent along one axis.
  public subscript(axis: Int) -> Int { dims[axis] }

  /// The number of elements of the axes in `range`.
  public func count(_ range: Range<Int>) -> Int { dims[range].reduce(1, *) }

  /// The number of elements from `axis` to the last one.
  public func count(from axis: Int) -> Int { count(axis..<rank) }

  /// Turns an axis that may count from the end (−1 is the last) into an index.
  ///
  /// - Throws: `ShapeError` when the axis lies outside.
  public func canonical(axis: Int) throws(ShapeError) -> Int {
    guard (-rank..<rank).contains(axis) else {
      throw ShapeError("axis \(axis) is out of range for a blob with \(rank) axes, shape \(self)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// The shape with one axis' extent replaced.
  public func replacing(axis: Int, with extent: Int) -> Shape {
    var dims = dims
    dims[axis] = extent
    return Shape(dims)
  }

  private static func describe(_ dims: [Int]) -> String {
    dims.isEmpty ? "()" : dims.map(String.init).joined(separator: "x")
  }
}

extension Shape: CustomStringConvertible {
  /// `10x3x227x227`; a scalar is `()`.
  public var description: String { Shape.describe(dims) }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

/// A shape that cannot be, in words for the person who wrote the net.
public struct ShapeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong and with which numbers.
  public let description: String
  /// Whether nothing is wrong, but the shape cannot be told from the file alone.
  public let isUnknown: Bool

  public init(_ description: String, isUnknown: Bool = false) {
    self.description = description
    self.isUnknown = isUnknown
  }
}
