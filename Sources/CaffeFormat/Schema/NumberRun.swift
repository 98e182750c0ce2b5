import CaffeCore

/// A run of floats or doubles in little-endian order: the `data` of a BlobProto.
///
/// Read from a mapped file it is a window on the mapping, so a model of hundreds of megabytes is not copied to be
/// looked at.
public struct NumberRun: Sendable {
  /// How one number is stored.
  public enum Element: Sendable { case float, double }

  private enum Storage: Sendable {
    case mapped(MappedFile, Range<Int>)
    case bytes([UInt8])
    case floats([Float])
  }

  private let storage: Storage
  public let element: Element

  /// Numbers in a range of bytes of a mapped file.
  package init(_ file: MappedFile, _ range: Range<Int>, _ element: Element) {
    storage = .mapped(file, range)
    self.element = element
  }

  /// Numbers in bytes of their own.
  package init(bytes: [UInt8], _ element: Element) {
    storage = .bytes(bytes)
    self.element = element
  }

  public init(_ floats: [Float]) {
    storage = .floats(floats)
    element = .float
  }

  /// The number of numbers.
  public var count: Int { withBytes { $0.count } / (element == .float ? 4 : 8) }

  /// Gives `body` the stored bytes.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    switch storage {
    case .mapped(let file, let range): try file.withBytes(in: range, body)
    case .bytes(let bytes): try bytes.withUnsafeBytes(body)
    case .floats(let floats): try floats.withUnsafeBytes(body)
    }
  }

  /// Copies the numbers as floats. Pages of a mapped file that were only needed for this are given back on the way, so
  /// that loading never holds a second copy of even one blob.
  ///
  /// - Precondition: `destination` holds at least `count` floats.
  public func copy(to destination: UnsafeMutablePointer<Float>) { copy(0..<count, to: destination) }

  /// The same for some of the numbers.
  ///
  /// - Precondition: there are such numbers, and `destination` holds as many floats.
  public func copy(_ numbers: Range<Int>, to destination: UnsafeMutablePointer<Float>) {
    let size = element == .float ? 4 : 8
    guard case .mapped(let file, let range) = storage else {
      return withBytes {
        copy(UnsafeRawBufferPointer(rebasing: $0[numbers.lowerBound * size..<numbers.upperBound * size]), to: destination)
      }
    }
    let (first, end) = (range.lowerBound + numbers.lowerBound * size, range.lowerBound + numbers.upperBound * size)
    for start in stride(from: first, to: end, by: NumberRun.piece) {
      let piece = start..<min(start + NumberRun.piece, end)
      file.withBytes(in: piece) { copy($0, to: destination + (start - first) / size) }
      file.release(max(range.lowerBound, start - NumberRun.overlap)..<piece.upperBound)
    }
  }

  /// Bytes copied at a time: whole numbers of either size.
  package static let piece = 1 << 20
  /// The page on the border of two pieces belongs to neither alone.
  private static let overlap = 64 << 10

  private func copy(_ bytes: UnsafeRawBufferPointer, to destination: UnsafeMutablePointer<Float>) {
    switch element {
    case .float:
      UnsafeMutableRawPointer(destination).copyMemory(from: bytes.baseAddress ?? .init(destination), byteCount: bytes.count)
    case .double:
      for index in 0..<bytes.count / 8 {
        destination[index] = Float(bytes.loadUnaligned(fromByteOffset: index * 8, as: Double.self))
      }
    }
  }

  /// The numbers as an array.
  public var floats: [Float] {
    if case .floats(let floats) = storage { return floats }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { copy(to: base) }
      initialized = count
    }
  }
}

extension NumberRun {
  /// The numbers one by one, as precise as they are stored.
  var elements: [FieldValue] {
    switch element {
    case .float: floats.map { .float($0) }
    case .double:
      withBytes { bytes in
        (0..<bytes.count / 8).map { .double(bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self)) }
      }
    }
  }
}

extension NumberRun: Equatable {
  public static func == (a: NumberRun, b: NumberRun) -> Bool {
    a.element == b.element && a.withBytes { left in b.withBytes { right in left.elementsEqual(right) } }
  }
}
