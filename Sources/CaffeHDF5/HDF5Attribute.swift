/// An attribute of the root group, decoded from its message in the header.
struct HDF5Attribute {
  private static let fixedString = 3
  private static let variableLength = 9
  /// The longest text of variable length, in bytes.
  private static let maximumLength = 1 << 20

  /// The largest collection of the global heap, in bytes; libraries make them as large as their largest text.
  private static let maximumHeapSize = 1 << 30

  let name: String
  private let type: HDF5Bytes
  private let space: HDF5Bytes
  private let data: HDF5Bytes

  /// - Returns: nil when the message is damaged, or its type is stored elsewhere.
  init?(_ message: HDF5Bytes) {
    guard let version = message.number(0, 1), (1...3).contains(version), let flags = message.number(1, 1),
      let nameSize = message.number(2, 2), let typeSize = message.number(4, 2), let spaceSize = message.number(6, 2),
      version == 1 || flags == 0
    else { return nil }
    func padded(_ size: Int) -> Int { version == 1 ? (size + 7) / 8 * 8 : size }
    let nameStart = version == 3 ? 9 : 8
    let typeStart = nameStart + padded(nameSize)
    let spaceStart = typeStart + padded(typeSize)
    let dataStart = spaceStart + padded(spaceSize)
    guard let name = message.part(nameStart, nameSize), let type = message.part(typeStart, typeSize),
      let space = message.part(spaceStart, spaceSize), let data = message.part(dataStart, message.count - dataStart)
    else { return nil }
    self.name = name.text
    self.type = type
    self.space = space
    self.data = data
  }

  /// The text, when the attribute is a single string.
  func string(file descriptor: Int32) -> String? {
    guard isSingle, let kind = type.number(0, 1), let size = type.number(4, 4) else { return nil }
    switch kind & 0xF {
    case HDF5Attribute.fixedString: return data.part(0, size)?.text
    case HDF5Attribute.variableLength where (type.number(1, 1) ?? 0) & 0xF == 1: return heapString(descriptor)
    default: return nil
    }
  }

  /// Whether there is one element: a scalar, or one axis of extent 1.
  private var isSingle: Bool {
    guard let version = space.number(0, 1), let rank = space.number(1, 1) else { return false }
    return rank == 0 || rank == 1 && space.number(version == 1 ? 8 : 4, 8) == 1
  }

  /// A text in the global heap, found by the heap's address and the text's index in it.
  private func heapString(_ descriptor: Int32) -> String? {
    guard let length = data.number(0, 4), let heap = data.number(4, 8), let index = data.number(12, 4),
      length <= HDF5Attribute.maximumLength, heap < Int.max / 2
    else { return nil }
    guard length > 0 else { return "" }
    guard let head = HDF5Bytes(file: descriptor, at: heap, count: 16), head.begins(with: "GCOL"), let size = head.number(8, 8),
      size <= HDF5Attribute.maximumHeapSize
    else { return nil }
    var offset = 16
    while offset <= size - 16, let object = HDF5Bytes(file: descriptor, at: heap + offset, count: 16) {
      guard let found = object.number(0, 2), found != 0, let stored = object.number(8, 8), stored <= size else { return nil }
      if found == index {
        return length <= stored ? HDF5Bytes(file: descriptor, at: heap + offset + 16, count: length)?.text : nil
      }
      offset += 16 + (stored + 7) / 8 * 8
    }
    return nil
  }
}
