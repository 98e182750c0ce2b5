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
}

/// A layout that only its backend understands.
public struct OpaqueLayout: Hashable, Sendable {
  public let backend: String
  public let token: [Int64]
  public let byteCount: Int
  /// What `caffe plan` shows, such as `nChw8c`.
  public let name: String

  public init(backend: String, token: [Int64], byteCount: Int, name: String) {
    self.backend = backend
    self.token = token
    self.byteCount = byteCount
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
