/// The messages in the object header of a group or dataset, read from the file's bytes.
///
/// libhdf5 trusts much of what it finds in a file (the indices of the global heap, the lengths in an index of chunks),
/// and damage there ends the process. What depends on such places is therefore read here, step by step.
struct HDF5ObjectHeader {
  /// What a message is about.
  enum Kind: Int {
    case oldFillValue = 0x04
    case fillValue = 0x05
    case layout = 0x08
    case attribute = 0x0C
    case continuation = 0x10
    case symbolTable = 0x11
  }

  /// One message.
  struct Message {
    let kind: Kind
    /// Whether `bytes` only say where the message lies.
    let isShared: Bool
    let bytes: HDF5Bytes
  }

  /// More blocks than a header ever has; ends loops of continuations.
  private static let maximumBlocks = 64
  /// The largest block, in bytes; messages have less than 64 KiB each.
  private static let maximumBlockSize = 1 << 24

  /// The messages of known kinds in their order; the attributes of an object with very many lie elsewhere.
  private(set) var messages: [Message] = []

  /// Where messages lie in a block.
  private struct Block {
    let bytes: HDF5Bytes
    let messageHeaderSize: Int
    let hasShortTypes: Bool
  }

  private let descriptor: Int32

  /// - Parameters:
  ///   - descriptor: the open file.
  ///   - address: where the header begins.
  /// - Returns: nil when the header is not one that can be understood.
  init?(file descriptor: Int32, at address: Int) {
    self.descriptor = descriptor
    guard let first = firstBlock(address) else { return nil }
    var blocks = [first]
    var next = 0
    while next < blocks.count {
      guard blocks.count <= HDF5ObjectHeader.maximumBlocks, collect(blocks[next], into: &blocks) else { return nil }
      next += 1
    }
  }

  /// The first message of a kind.
  subscript(kind: Kind) -> Message? { messages.first { $0.kind == kind } }

  /// The address of the root group's header, from any version of the superblock.
  static func rootAddress(_ descriptor: Int32) -> Int? {
    guard let version = HDF5Bytes(file: descriptor, at: 8, count: 1)?.number(0, 1), version <= 3 else { return nil }
    let offset = version == 0 ? 64 : version == 1 ? 68 : 36
    guard let sizes = HDF5Bytes(file: descriptor, at: version < 2 ? 13 : 9, count: 2), sizes.number(0, 2) == 0x0808 else {
      return nil
    }
    return HDF5Bytes(file: descriptor, at: offset, count: 8)?.number(0, 8)
  }

  private func firstBlock(_ address: Int) -> Block? {
    guard address < Int.max - 64, let prefix = HDF5Bytes(file: descriptor, at: address, count: 16) else { return nil }
    guard prefix.begins(with: "OHDR") else {
      guard prefix.number(0, 1) == 1, let size = prefix.number(8, 4) else { return nil }
      return block(address + 16, size, messageHeaderSize: 8, hasShortTypes: false)
    }
    guard let flags = prefix.number(5, 1) else { return nil }
    let width = 1 << (flags & 3)
    let start = 6 + (flags & 0x20 == 0 ? 0 : 16) + (flags & 0x10 == 0 ? 0 : 4)
    guard let size = HDF5Bytes(file: descriptor, at: address + start, count: width)?.number(0, width) else { return nil }
    return block(address + start + width, size, messageHeaderSize: flags & 4 == 0 ? 4 : 6, hasShortTypes: true)
  }

  private func block(_ address: Int, _ size: Int, messageHeaderSize: Int, hasShortTypes: Bool) -> Block? {
    guard size <= HDF5ObjectHeader.maximumBlockSize, let bytes = HDF5Bytes(file: descriptor, at: address, count: size) else {
      return nil
    }
    return Block(bytes: bytes, messageHeaderSize: messageHeaderSize, hasShortTypes: hasShortTypes)
  }

  /// Takes the messages of a block and queues the blocks it continues in; false when it is damaged.
  private mutating func collect(_ block: Block, into blocks: inout [Block]) -> Bool {
    var offset = 0
    let typeSize = block.hasShortTypes ? 1 : 2
    while offset + block.messageHeaderSize <= block.bytes.count {
      guard let type = block.bytes.number(offset, typeSize), let size = block.bytes.number(offset + typeSize, 2),
        let flags = block.bytes.number(offset + typeSize + 2, 1),
        let bytes = block.bytes.part(offset + block.messageHeaderSize, size)
      else { return false }
      offset += block.messageHeaderSize + size
      guard let kind = Kind(rawValue: type) else { continue }
      messages.append(Message(kind: kind, isShared: flags & 2 != 0, bytes: bytes))
      guard kind == .continuation else { continue }
      guard let next = continuation(bytes, of: block) else { return false }
      blocks.append(next)
    }
    return true
  }

  /// The block a continuation message points to; newer ones stand between a mark and a checksum of 4 bytes each.
  private func continuation(_ message: HDF5Bytes, of block: Block) -> Block? {
    guard let address = message.number(0, 8), let size = message.number(8, 8), address < Int.max - 4 else { return nil }
    let frame = block.hasShortTypes ? 4 : 0
    return self.block(
      address + frame, size - 2 * frame, messageHeaderSize: block.messageHeaderSize, hasShortTypes: block.hasShortTypes)
  }
}
