@preconcurrency import CHDF5
import CZlib

/// The steps by which a chunk's values became the bytes in the file, undone one by one with every size checked.
struct HDF5Filters {
  private static let checksumSize = 4

  private let steps: [H5Z_filter_t]
  private let elementSize: Int

  /// - Throws: `HDF5Error` for filters that are not read.
  init(_ properties: HDF5Handle, elementSize: Int, at place: HDF5Place) throws(HDF5Error) {
    let count = try place.check(properties.use(H5Pget_nfilters), "read its filters")
    steps = (0..<count).map { index in
      properties.use { H5Pget_filter2($0, UInt32(index), nil, nil, nil, 0, nil, nil) }
    }
    self.elementSize = elementSize
    for step in steps where ![H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32].contains(step) {
      throw place.error("it is compressed with filter \(step); only gzip, shuffle and fletcher32 are read")
    }
    guard steps.count(where: { $0 == H5Z_FILTER_DEFLATE }) <= 1, steps.count <= 8 else {
      throw place.error("it is compressed more than once; store it with one gzip filter")
    }
  }

  /// The values of a chunk.
  ///
  /// - Parameters:
  ///   - stored: the bytes in the file.
  ///   - mask: has a bit for each step that was left out.
  ///   - size: how many bytes of values a chunk has.
  /// - Throws: `HDF5Error` when the bytes are not those of such a chunk.
  func values(_ stored: [UInt8], mask: UInt32, size: Int, at place: HDF5Place) throws(HDF5Error) -> [UInt8] {
    let applied = steps.indices.filter { mask & 1 << UInt32($0) == 0 }.map { steps[$0] }
    var bytes = stored
    for (index, step) in applied.enumerated().reversed() {
      switch step {
      case H5Z_FILTER_DEFLATE:
        let checksums = applied[..<index].count { $0 == H5Z_FILTER_FLETCHER32 }
        bytes = try HDF5Filters.inflated(bytes, size: size + checksums * HDF5Filters.checksumSize, at: place)
      case H5Z_FILTER_SHUFFLE: bytes = unshuffled(bytes)
      default: bytes = try HDF5Filters.verified(bytes, at: place)
      }
    }
    guard bytes.count == size else {
      throw place.error("a chunk has \(bytes.count) bytes instead of \(size); the file is damaged")
    }
    return bytes
  }

  /// Unpacks what must become exactly `size` bytes.
  private static func inflated(_ packed: [UInt8], size: Int, at place: HDF5Place) throws(HDF5Error) -> [UInt8] {
    var made = uLongf(size)
    var status = Z_OK
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      status = uncompress(buffer.baseAddress, &made, packed, uLong(packed.count))
      count = status == Z_OK ? Int(made) : 0
    }
    guard status == Z_OK, bytes.count == size else {
      throw place.error("a chunk's gzip data does not unpack to its \(size) bytes; the file is damaged")
    }
    return bytes
  }

  /// Undoes the sorting of bytes by their place in an element; a rest shorter than an element stays at the end.
  private func unshuffled(_ bytes: [UInt8]) -> [UInt8] {
    let elements = bytes.count / elementSize
    guard elementSize > 1, elements > 1 else { return bytes }
    var result = bytes
    for place in 0..<elementSize {
      for element in 0..<elements { result[element * elementSize + place] = bytes[place * elements + element] }
    }
    return result
  }

  /// The bytes without the Fletcher checksum that follows them.
  private static func verified(_ bytes: [UInt8], at place: HDF5Place) throws(HDF5Error) -> [UInt8] {
    guard bytes.count >= checksumSize else { throw place.error("a chunk has no room for its checksum; the file is damaged") }
    let values = bytes.dropLast(checksumSize)
    let stored = bytes.suffix(checksumSize).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let sum = fletcher(values)
    // Libraries before 1.6.3 stored the two bytes of each half the other way round on little-endian machines.
    let swapped = (sum & 0x00FF_00FF) << 8 | (sum & 0xFF00_FF00) >> 8
    guard stored == sum || stored == swapped else { throw place.error("a chunk's checksum is wrong; the file is damaged") }
    return Array(values)
  }

  /// Fletcher's checksum over big-endian 16-bit words, a last odd byte counting as the upper half of one.
  private static func fletcher(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var (first, second) = (UInt32(0), UInt32(0))
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let low = index + 1 < bytes.endIndex ? UInt32(bytes[index + 1]) : 0
      first = folded(first + (UInt32(bytes[index]) << 8 | low))
      second = folded(second + first)
      index += 2
    }
    return second << 16 | first
  }

  /// A sum of two numbers of 16 bits with the carry added at the lower end.
  private static func folded(_ sum: UInt32) -> UInt32 { (sum & 0xFFFF) + sum >> 16 }
}
