import CaffeCore
import CaffeFormat

/// Items as records of a database, as Caffe's extract_features writes them: `float_data` under the keys `0000000000`, ….
struct FeatureDatabase: FeatureWriter {
  private let database: DatabaseWriter
  private var count = 0

  init(_ database: DatabaseWriter) { self.database = database }

  mutating func add(_ batch: Tensor) throws {
    let dims = batch.shape.dims.dropFirst()
    let size = dims.reduce(1, *)
    var datum = Datum()
    // A Datum has three axes: what is missing is 1, what is beyond goes into the last.
    let axes = Array(dims.prefix(2)) + [1, 1].dropFirst(min(2, dims.count)) + [dims.dropFirst(2).reduce(1, *)]
    (datum.channels, datum.height, datum.width) = (axes[0], axes[1], axes[2])
    for item in 0..<(batch.shape.dims.first ?? 0) {
      datum.floatData = Array(batch.values[item * size..<(item + 1) * size])
      try database.put(key: DatabaseConversion.key(count, digits: 10), value: datum.bytes)
      count += 1
    }
  }

  mutating func commit() throws { try database.commit() }
}
