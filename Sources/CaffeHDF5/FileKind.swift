import CaffeCore
import CaffeFormat

/// What a file seems to be, told by its content: for the words about a file of another kind than the wanted one.
public enum FileKind: Sendable {
  case net, solver, weights, solverState, blob

  /// The bytes that are looked at.
  private static let head = 1 << 20
  private static let solverFields: Set = ["base_lr", "lr_policy", "max_iter", "train_net", "solver_mode", "test_iter"]

  /// nil for what cannot be read or is none of these.
  public init?(path: String) {
    guard !HDF5Reader.isHDF5(path: path) else {
      guard let file = try? HDF5Reader(path: path) else { return nil }
      if file.contains("history") { self = .solverState } else if file.contains("data") { self = .weights } else { return nil }
      return
    }
    guard let file = try? MappedFile(path: path) else { return nil }
    self.init(file.withBytes(in: 0..<min(file.count, FileKind.head)) { Array($0) })
  }

  /// - Parameter bytes: a file's, from its beginning.
  public init?(_ bytes: [UInt8]) {
    let isText = !bytes.prefix(FileKind.head).contains { $0 < 0x20 && ![0x09, 0x0A, 0x0C, 0x0D].contains($0) }
    guard let kind = isText ? FileKind.text(bytes) : FileKind.binary(bytes) else { return nil }
    self = kind
  }

  private static func text(_ bytes: [UInt8]) -> FileKind? {
    let text = String(decoding: bytes.prefix(head), as: UTF8.self)
    let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    let hasLayers = words.contains("layer") || words.contains("layers")
    let isSolver = !words.isDisjoint(with: solverFields)
    return hasLayers == isSolver ? nil : hasLayers ? .net : .solver
  }

  /// The first field of a message: a net's is its name or a layer, a solver state's the iteration and then a path, a blob's its
  /// first dimension or its numbers.
  private static func binary(_ bytes: [UInt8]) -> FileKind? {
    switch bytes.first {
    case 0x0A, 0x12, 0xA2: return .weights
    case 0x08:
      let next = bytes.dropFirst().drop { $0 & 0x80 != 0 }.dropFirst().first
      return next == 0x10 ? .blob : next == 0x12 || next == 0x1A ? .solverState : nil
    case 0x2A, 0x3A: return .blob
    default: return nil
    }
  }

  private var words: String {
    switch self {
    case .net: "a net's prototxt"
    case .solver: "a solver's prototxt"
    case .weights: "a file of weights (.caffemodel)"
    case .solverState: "a solver state (.solverstate)"
    case .blob: "a blob, as of a mean image (.binaryproto)"
    }
  }

  /// What is wrong with a file of this kind where another one is wanted.
  public func problem(wanting other: FileKind) -> String { "this seems to be \(words); wanted is \(other.words)" }

  /// Reads a file that shall be of this kind.
  ///
  /// - Throws: `WrongFileKind` where reading fails and the file seems to be of another kind; what `body` throws else.
  public func reading<R>(_ path: String, _ body: () throws -> R) throws -> R {
    do { return try body() } catch {
      guard let found = FileKind(path: path), found != self else { throw error }
      throw WrongFileKind(path: path, found: found, wanted: self)
    }
  }
}

/// A file of another kind than the wanted one.
public struct WrongFileKind: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let found, wanted: FileKind

  public var description: String { "\(path): \(found.problem(wanting: wanted))" }
}
