@preconcurrency import CHDF5
import CaffeCore

extension HDF5Reader {
  /// The most groups that are nested.
  private static let maximumDepth = 32
  /// The most objects that are listed.
  private static let maximumObjects = 1 << 16

  /// The names right below a group, `/` for the root: numeric names first in the order of their numbers, the others
  /// by name.
  ///
  /// - Throws: `HDF5Error` when there is no such group.
  public func children(of group: String) throws(HDF5Error) -> [String] {
    try HDF5Library.locked { () throws(HDF5Error) in try names(in: group) }
  }

  /// The paths of all datasets below a group, relative to it, `a/b` for nested ones.
  ///
  /// - Throws: `HDF5Error` when there is no such group, or groups are nested more than 32 deep.
  public func datasets(under group: String) throws(HDF5Error) -> [String] {
    try HDF5Library.locked { () throws(HDF5Error) in
      var found: [String] = []
      var visited = 0
      try collect(under: group, prefix: "", depth: 0, visited: &visited, into: &found)
      return found
    }
  }

  /// The shape of a dataset; a scalar has none of the axes: `[]`.
  ///
  /// - Throws: `HDF5Error` when it is missing, not numeric or of an impossible size.
  public func shape(of dataset: String) throws(HDF5Error) -> Shape {
    try HDF5Library.locked { () throws(HDF5Error) in try HDF5Dataset(dataset, in: self).shape }
  }

  /// A dataset's values; any numeric type is converted to 32-bit floats.
  ///
  /// - Throws: `HDF5Error` when it is missing, not numeric, of an impossible size, or damaged.
  public func tensor(_ dataset: String) throws(HDF5Error) -> Tensor {
    try HDF5Library.locked { () throws(HDF5Error) in try HDF5Dataset(dataset, in: self).tensor() }
  }

  /// Some rows of a dataset that may be too large to be held at once.
  ///
  /// - Parameter rows: along the first axis, within the dataset.
  /// - Throws: as `tensor(_:)`, and when there are no such rows.
  public func tensor(_ dataset: String, rows: Range<Int>) throws(HDF5Error) -> Tensor {
    try HDF5Library.locked { () throws(HDF5Error) in try HDF5Dataset(dataset, in: self).tensor(rows: rows) }
  }

  /// The number in a dataset of one element.
  ///
  /// - Throws: `HDF5Error` when it is missing, not numeric, or has several elements.
  public func integer(_ dataset: String) throws(HDF5Error) -> Int {
    try HDF5Library.locked { () throws(HDF5Error) in try HDF5Dataset(dataset, in: self).integer() }
  }

  /// The text in a dataset of one string of fixed length, as Caffe writes it.
  ///
  /// - Throws: `HDF5Error` when it is missing, not a single string, or of variable length.
  public func string(_ dataset: String) throws(HDF5Error) -> String {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: dataset)
      let handle = try open(dataset)
      guard handle.use(H5Iget_type) == H5I_DATASET else { throw place.error("it is not a dataset") }
      return try HDF5Text(handle, at: place).read()
    }
  }

  private func collect(
    under group: String, prefix: String, depth: Int, visited: inout Int, into found: inout [String]
  ) throws(HDF5Error) {
    let place = HDF5Place(path: path, object: group)
    guard depth < HDF5Reader.maximumDepth else { throw place.error("groups are nested too deep") }
    for name in try names(in: group) {
      visited += 1
      guard visited <= HDF5Reader.maximumObjects else { throw place.error("the file holds too many objects") }
      let object = group == "/" || group.isEmpty ? name : "\(group)/\(name)"
      let type = try open(object).use(H5Iget_type)
      if type == H5I_DATASET { found.append(prefix + name) }
      if type == H5I_GROUP {
        try collect(under: object, prefix: "\(prefix)\(name)/", depth: depth + 1, visited: &visited, into: &found)
      }
    }
  }

  private func names(in group: String) throws(HDF5Error) -> [String] {
    let place = HDF5Place(path: path, object: group)
    let handle = try open(group)
    guard handle.use(H5Iget_type) == H5I_GROUP else { throw place.error("it is not a group") }
    var info = H5G_info_t()
    try place.check(handle.use { H5Gget_info($0, &info) }, "list the group")
    guard info.nlinks <= HDF5Reader.maximumObjects else { throw place.error("it claims \(info.nlinks) children") }
    var names: [String] = []
    for index in 0..<info.nlinks { names.append(try name(at: index, in: handle, place)) }
    return names.sorted(by: HDF5Reader.precedes)
  }

  private func name(at index: hsize_t, in group: HDF5Handle, _ place: HDF5Place) throws(HDF5Error) -> String {
    let capacity = 4096
    var buffer = [CChar](repeating: 0, count: capacity)
    // Any other order makes the library build a table first, which it frees twice when the group is damaged.
    let length = group.use { H5Lget_name_by_idx($0, ".", H5_INDEX_NAME, H5_ITER_NATIVE, index, &buffer, capacity, 0) }
    try place.check(length, "list the group")
    guard length < capacity else { throw place.error("a name of \(length) bytes is too long") }
    return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    switch (Int(left), Int(right)) {
    case (let left?, let right?): left < right
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): left < right
    }
  }
}
