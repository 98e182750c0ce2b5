import CaffeCore

/// How a value lies in memory.
public enum Layout: Hashable, Sendable {
  /// Row-major, as the reference layers have it.
  case dense
  /// A backend's own; compared, never interpreted outside of it.
  case opaque(OpaqueLayout)

  /// Bytes that a value of that shape takes.
  public func byteCount(_ shape: Shape) -> Int {
    switch self {
    case .dense: shape.count * MemoryLayout<Float>.stride
    case .opaque(let layout): layout.byteCount
    }
  }

  /// Bytes of one number.
  public var elementSize: Int {
    switch self {
    case .dense: MemoryLayout<Float>.stride
    case .opaque(let layout): layout.elementSize
    }
  }

  /// Whether there is nothing between the numbers of such a value.
  public func isGapless(_ shape: Shape) -> Bool { byteCount(shape) == shape.count * elementSize }
}

/// A layout that only its backend understands.
public struct OpaqueLayout: Hashable, Sendable {
  public let backend: String
  public let token: [Int64]
  public let byteCount: Int
  /// Bytes of one number.
  public let elementSize: Int
  /// What `caffe plan` shows, such as `nChw8c`.
  public let name: String

  public init(
    backend: String, token: [Int64], byteCount: Int, elementSize: Int = MemoryLayout<Float>.stride, name: String
  ) {
    self.backend = backend
    self.token = token
    self.byteCount = byteCount
    self.elementSize = elementSize
    self.name = name
  }
}

extension Layout: CustomStringConvertible {
  public var description: String {
    switch self {
    case .dense: "dense"
    case .opaque(let layout): layout.name
    }
  }
}
