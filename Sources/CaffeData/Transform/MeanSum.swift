import CaffeCore

/// Pictures of one size added up in double precision: Caffe's float sums lose bits after some ten thousand pictures.
struct MeanSum {
  private var shape: [Int] = []
  private var sums: [Double] = []
  private var count = 0

  /// Adds the pixels of a record.
  ///
  /// - Throws: `DatumError`, `ImageError` or `DataSettingsError` when they are damaged or of another size than the first's.
  mutating func add(_ datum: DatumView, using transformer: DataTransformer) throws {
    let picture = try transformer.picture(of: datum)
    let dims = try transformer.outputShape(of: picture).dims
    if count == 0 {
      shape = dims
      sums = [Double](repeating: 0, count: dims.reduce(1, *))
    }
    guard dims == shape else {
      throw DataSettingsError("the picture is \(Shape(dims)), the first one \(Shape(shape)); all must have one size")
    }
    try add(picture, using: transformer)
    count += 1
  }

  /// Adds C×H×W bytes of a picture as large as the first.
  mutating func add(planes: some Collection<UInt8>, shape: [Int]) {
    if count == 0 {
      self.shape = shape
      sums = [Double](repeating: 0, count: shape.reduce(1, *))
    }
    for (index, value) in planes.enumerated() { sums[index] += Double(value) }
    count += 1
  }

  /// The mean; nil when nothing was added.
  func mean() throws(ShapeError) -> MeanImage? {
    guard count > 0 else { return nil }
    return try MeanImage(Tensor(Shape(shape), values: sums.map { Float($0 / Double(count)) }))
  }

  private mutating func add(_ picture: DataTransformer.Picture, using transformer: DataTransformer) throws {
    let values = try Tensor(Shape(shape)) { try transformer.transform(picture, item: 0, into: $0) }.values
    for index in sums.indices { sums[index] += Double(values[index]) }
  }
}
