import CaffeCore
import CaffeHDF5
import Testing

@Suite("Datasets that grow")
struct HDF5AppendTests {
  @Test("rows stand one behind the other, in pieces of any size")
  func rows() throws {
    let directory = try TemporaryDirectory()
    let file = try HDF5Writer(path: directory.file("rows.h5"))
    var next: Float = 0
    for count in [3, 1, 700, 2] {
      let values = (0..<count * 500).map { next + Float($0) }
      next += Float(count * 500)
      try file.append(Tensor([count, 5, 100], values: values), to: "data")
    }
    try file.commit()
    let tensor = try HDF5Reader(path: directory.file("rows.h5")).tensor("data")
    #expect(tensor.shape == [706, 5, 100] && tensor.values == (0..<353_000).map { Float($0) })
  }

  @Test("rows of another shape are refused, and so are values without rows")
  func refused() throws {
    let directory = try TemporaryDirectory()
    let file = try HDF5Writer(path: directory.file("rows.h5"))
    try file.append(Tensor([2, 3]), to: "data")
    let other = #expect(throws: HDF5Error.self) { try file.append(Tensor([2, 4]), to: "data") }
    #expect(other.map { "\($0)" }?.hasSuffix("its shape is 2x3, and rows of 2x4 do not go with that") == true)
    #expect(throws: HDF5Error.self) { try file.append(Tensor([2]), to: "data") }
    #expect(throws: HDF5Error.self) { try file.append(Tensor([]), to: "data") }
    #expect(throws: HDF5Error.self) { try file.append(Tensor([0, 3]), to: "data") }
  }
}
