@preconcurrency import CHDF5
import CaffeCore

/// The values of a chunked dataset. Used inside `HDF5Library.locked`.
///
/// libhdf5's own way of reading them copies more bytes than a damaged chunk has. It is asked for the stored bytes only;
/// they are unpacked, measured and put into their places here.
struct HDF5Chunks {
  /// The most entries of an index that are gone through to tell missing chunks from damaged ones.
  private static let maximumSearch = 1 << 28

  private let grid: HDF5ChunkGrid
  private let number: HDF5Number
  private let filters: HDF5Filters
  private let handle: HDF5Handle
  private let place: HDF5Place
  private let descriptor: Int32
  private let fileSize: Int

  /// - Throws: `HDF5Error` when the chunks cannot be those of a dataset of that shape in such a file.
  init(
    _ handle: HDF5Handle, _ properties: HDF5Handle, shape: Shape, number: HDF5Number, in reader: HDF5Reader, at place: HDF5Place
  ) throws(HDF5Error) {
    (self.handle, self.number, self.place, descriptor, fileSize) = (handle, number, place, reader.descriptor, reader.fileSize)
    filters = try HDF5Filters(properties, elementSize: number.size, at: place)
    var options: UInt32 = 0
    try place.check(properties.use { H5Pget_chunk_opts($0, &options) }, "read its chunks")
    guard options == 0 else {
      throw place.error("its chunks at the edges are stored in another way; store it without chunk options")
    }
    grid = try HDF5Chunks.grid(properties, shape, elementSize: number.size, fileSize: reader.fileSize, at: place)
  }

  /// A chunk is held in memory whole, so its size is bounded like the dataset's; and each chunk has an entry of at
  /// least 16 bytes in the file's index, which bounds their number and the time it takes to visit them.
  private static func grid(
    _ properties: HDF5Handle, _ shape: Shape, elementSize: Int, fileSize: Int, at place: HDF5Place
  ) throws(HDF5Error) -> HDF5ChunkGrid {
    var dims = [hsize_t](repeating: 0, count: Shape.maximumAxes)
    let rank = properties.use { H5Pget_chunk($0, Int32(Shape.maximumAxes), &dims) }
    let chunk = dims.prefix(shape.rank)
    guard try place.check(rank, "read its chunks") == shape.rank, shape.rank > 0, chunk.allSatisfy({ $0 > 0 }) else {
      throw place.error("its chunks do not fit its shape; the file is damaged")
    }
    let size = chunk.reduce(Double(elementSize)) { $0 * Double($1) }
    guard size <= Double(fileSize * HDF5Dataset.maximumExpansion) else {
      throw place.error("a chunk has \(size) bytes, which cannot come from a file of this size")
    }
    let count = zip(shape.dims, chunk).reduce(1.0) { $0 * (Double($1.0) / Double($1.1)).rounded(.up) }
    guard count <= Double(fileSize / 16) else {
      throw place.error("it has \(count) chunks, which a file of \(fileSize) bytes cannot hold")
    }
    return HDF5ChunkGrid(shape: shape, chunk: chunk.map(Int.init))
  }

  /// Fills `target` with rows of the dataset; chunks that hold none of them are not read.
  ///
  /// - Throws: `HDF5Error` when a chunk is damaged.
  func read(rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(HDF5Error) {
    guard let base = target.baseAddress, !target.isEmpty else { return }
    // Indices in the target are those in the dataset, less what comes before its rows.
    let window = rows.lowerBound * grid.rowSize..<rows.upperBound * grid.rowSize
    var isFound = [Bool](repeating: false, count: grid.count)
    try forEachChunk(holding: rows) { index, values throws(HDF5Error) in
      guard !isFound[index] else { throw place.error("a chunk is stored twice; the file is damaged") }
      isFound[index] = true
      values.withUnsafeBytes { bytes in
        grid.forEachRow(ofChunkAt: grid.offset(of: index)) { inChunk, inDataset, count in
          let part = (inDataset..<inDataset + count).clamped(to: window)
          guard !part.isEmpty else { return }
          let start = (inChunk + part.lowerBound - inDataset) * number.size
          number.convert(
            UnsafeRawBufferPointer(rebasing: bytes[start..<start + part.count * number.size]),
            to: base + part.lowerBound - window.lowerBound)
        }
      }
    }
    let missing = isFound.indices.filter { !isFound[$0] && grid.holds(rows, chunk: $0) }
    guard !missing.isEmpty else { return }
    let fill = try fillValue()
    for index in missing {
      grid.forEachRow(ofChunkAt: grid.offset(of: index)) { _, inDataset, count in
        let part = (inDataset..<inDataset + count).clamped(to: window)
        guard !part.isEmpty else { return }
        (base + part.lowerBound - window.lowerBound).update(repeating: fill, count: part.count)
      }
    }
  }

  /// The only element, as an integer; nil when it is none.
  func integer() throws(HDF5Error) -> Int? {
    var value: Int? = nil
    var isStored = false
    try forEachChunk(holding: 0..<grid.shape.rowCount) { _, bytes in
      isStored = true
      value = bytes.withUnsafeBytes(number.integer)
    }
    return isStored ? value : Int(exactly: try fillValue().rounded(.towardZero))
  }

  // MARK: Finding chunks

  /// Gives `body` the values of every stored chunk that holds some of the rows. All together cannot be larger than the file.
  private func forEachChunk(
    holding rows: Range<Int>, _ body: (Int, [UInt8]) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    var stored = 0
    let visit = { (index: Int, bytes: [UInt8], mask: UInt32) throws(HDF5Error) in
      stored += bytes.count
      guard stored <= fileSize else { throw place.error("its chunks are larger than the file, which is damaged") }
      try body(index, try filters.values(bytes, mask: mask, size: grid.elementsPerChunk * number.size, at: place))
    }
    var kind = H5D_CHUNK_IDX_BTREE
    try place.check(handle.use { H5Dget_chunk_index_type($0, &kind) }, "read its index of chunks")
    if kind == H5D_CHUNK_IDX_BTREE { try forEachTreeEntry(of: rows, visit) } else { try forEachLookup(of: rows, visit) }
  }

  /// Chunks in the older index, which has no checksums.
  private func forEachTreeEntry(
    of rows: Range<Int>, _ body: (Int, [UInt8], UInt32) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    guard let message = try header()[.layout], !message.isShared, let layout = HDF5Layout(message.bytes),
      layout.chunk.count == grid.shape.rank + 1
    else { throw place.error("its layout is damaged") }
    guard let root = layout.tree else { return }
    try HDF5ChunkTree(root: root, descriptor: descriptor, rank: grid.shape.rank, place: place).forEachEntry {
      entry throws(HDF5Error) in
      // A dataset that was made smaller may keep chunks outside of it.
      guard let index = grid.index(at: entry.offset), grid.holds(rows, chunk: index) else { return }
      guard entry.address < Int.max / 2,
        let bytes = HDF5Bytes(file: descriptor, at: entry.address, count: min(entry.size, fileSize)),
        bytes.count == entry.size
      else { throw place.error("a chunk lies outside the file, which is damaged") }
      try body(index, bytes.array, entry.mask)
    }
  }

  /// Chunks in one of the newer indices, which libhdf5 reads under checksums.
  private func forEachLookup(
    of rows: Range<Int>, _ body: (Int, [UInt8], UInt32) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    var missing = 0
    for index in 0..<grid.count where grid.holds(rows, chunk: index) {
      let offset = grid.offset(of: index).map { hsize_t($0) }
      guard let size = try storedSize(offset, missing: &missing) else { continue }
      guard size <= fileSize else { throw place.error("a chunk is larger than the file, which is damaged") }
      var mask: UInt32 = 0
      var status: herr_t = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
        status = handle.use { H5Dread_chunk($0, 0, offset, &mask, buffer.baseAddress) }
        count = status < 0 ? 0 : Int(size)
      }
      try place.check(status, "read a chunk")
      try body(index, bytes, mask)
    }
  }

  /// The size of a chunk in the file; nil when it is not stored.
  ///
  /// Some versions of the library fail for a chunk without filters that is not stored. Another call, which goes through
  /// the whole index, then tells it from a damaged one; how often is bounded.
  private func storedSize(_ offset: [hsize_t], missing: inout Int) throws(HDF5Error) -> hsize_t? {
    var size: hsize_t = 0
    let status = handle.use { H5Dget_chunk_storage_size($0, offset, &size) }
    guard status < 0 else { return size > 0 ? size : nil }
    let reason = HDF5Library.lastMessage()
    missing += 1
    guard missing * grid.count <= HDF5Chunks.maximumSearch else { throw place.error("too many of its chunks are not stored") }
    try place.check(handle.use { H5Dget_chunk_info_by_coord($0, offset, nil, nil, &size) }, "find a chunk")
    guard size == 0 else { throw place.error("cannot find a chunk: \(reason)") }
    return nil
  }

  // MARK: The dataset's header

  private func header() throws(HDF5Error) -> HDF5ObjectHeader {
    guard let address = HDF5Chunks.address(H5Oget_info2, of: handle, \.addr), let start = Int(exactly: address),
      let header = HDF5ObjectHeader(file: descriptor, at: start)
    else { throw place.error("its header is damaged") }
    return header
  }

  /// An object's address; the name of the type that holds it differs between versions of the library.
  private static func address<Info>(
    _ call: (hid_t, UnsafeMutablePointer<Info>?, UInt32) -> herr_t, of handle: HDF5Handle, _ address: KeyPath<Info, haddr_t>
  ) -> haddr_t? {
    withUnsafeTemporaryAllocation(of: Info.self, capacity: 1) { info in
      guard let info = info.baseAddress, handle.use({ call($0, info, UInt32(H5O_INFO_BASIC)) }) >= 0 else { return nil }
      return info.pointee[keyPath: address]
    }
  }

  /// What elements of chunks that are not stored have.
  private func fillValue() throws(HDF5Error) -> Float {
    let header = try header()
    guard let message = header[.fillValue] ?? header[.oldFillValue] else { return 0 }
    guard !message.isShared, let bytes = HDF5Chunks.fill(message) else {
      throw place.error("its fill value is damaged or stored elsewhere")
    }
    guard bytes.count > 0 else { return 0 }
    guard bytes.count == number.size else { throw place.error("its fill value has not the size of an element") }
    var value: Float = 0
    bytes.array.withUnsafeBytes { number.convert($0, to: &value) }
    return value
  }

  /// The bytes of the value in a fill message of any age, none when it is not set; nil when the message is damaged.
  private static func fill(_ message: HDF5ObjectHeader.Message) -> HDF5Bytes? {
    let bytes = message.bytes
    guard message.kind == .fillValue else { return bytes.number(0, 4).flatMap { bytes.part(4, $0) } }
    guard let version = bytes.number(0, 1), let flags = bytes.number(version >= 3 ? 1 : 3, 1) else { return nil }
    let isSet = version >= 3 ? flags & 0x20 != 0 : version == 1 || flags != 0
    let start = version >= 3 ? 2 : 4
    guard isSet else { return bytes.part(0, 0) }
    return bytes.number(start, 4).flatMap { Int32(truncatingIfNeeded: $0) < 0 ? bytes.part(0, 0) : bytes.part(start + 4, $0) }
  }
}
