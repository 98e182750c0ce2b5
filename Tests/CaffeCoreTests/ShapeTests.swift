import CaffeCore
import Testing

@Suite("A shape")
struct ShapeTests {
  @Test("of no axes is a scalar with one element")
  func scalar() throws {
    let shape = try Shape(validating: [])
    #expect(shape.count == 1)
    #expect(shape.rank == 0)
    #expect(shape.description == "()")
  }

  @Test("counts its elements and prints its extents")
  func counting() throws {
    let shape = try Shape(validating: [10, 3, 227, 227])
    #expect(shape.count == 1_545_870)
    #expect(shape.count(from: 2) == 51_529)
    #expect(shape.count(0..<2) == 30)
    #expect(shape.description == "10x3x227x227")
  }

  @Test(
    "that cannot be is refused with its numbers",
    arguments: [
      ([2, -1], "dimension -1 is negative in 2x-1"),
      ([65536, 32768], "65536x32768 has more than 2147483647 elements"),
      ([Int.max, Int.max], "\(Int.max)x\(Int.max) has more than 2147483647 elements"),
      ([0, 1 << 40], "0x1099511627776 has more than 2147483647 elements"),
      ([1 << 40, 0], "1099511627776x0 has more than 2147483647 elements"),
      ([Int](repeating: 1, count: 33), "a blob has at most 32 axes, this one has 33"),
    ])
  func refused(dims: [Int], message: String) {
    #expect(throws: ShapeError(message)) { try Shape(validating: dims) }
  }

  @Test("may hold exactly as many elements as an Int32 can count, or none")
  func limits() throws {
    #expect(try Shape(validating: [Int(Int32.max)]).count == 2_147_483_647)
    #expect(try Shape(validating: [3, 0, 5]).count == 0)
    #expect(try Shape(validating: [Int](repeating: 1, count: 32)).count == 1)
  }

  @Test("made without a check does not trap on an overflowing product")
  func unchecked() {
    #expect(Shape([Int.max, 3]).count == Int.max)
    #expect(Shape([4, 5]).count == 20)
  }

  @Test("finds an axis from either end and refuses one outside")
  func axes() throws {
    let shape: Shape = [2, 3, 4]
    #expect(try shape.canonical(axis: 0) == 0)
    #expect(try shape.canonical(axis: -1) == 2)
    #expect(try shape.canonical(axis: -3) == 0)
    #expect(throws: ShapeError("axis 3 is out of range for a blob with 3 axes, shape 2x3x4")) { try shape.canonical(axis: 3) }
    #expect(throws: ShapeError("axis -4 is out of range for a blob with 3 axes, shape 2x3x4")) { try shape.canonical(axis: -4) }
    #expect(throws: ShapeError("axis 0 is out of range for a blob with 0 axes, shape ()")) { try Shape([]).canonical(axis: 0) }
  }

  @Test("gets another extent along one axis")
  func replacing() {
    #expect(Shape([2, 3, 4]).replacing(axis: 1, with: 7) == [2, 7, 4])
  }
}

@Suite("A tensor")
struct TensorTests {
  @Test("needs as many values as its shape has elements")
  func counts() throws {
    #expect(try Tensor([2, 2], values: [1, 2, 3, 4])[3] == 4)
    #expect(throws: ShapeError("shape 2x2 needs 4 values, got 3")) { try Tensor([2, 2], values: [1, 2, 3]) }
  }

  @Test("keeps its values when it is reshaped, and refuses another count")
  func reshaping() throws {
    let tensor = try Tensor([2, 3], values: [1, 2, 3, 4, 5, 6])
    #expect(try tensor.reshaped(to: [3, 2]).values == tensor.values)
    #expect(throws: ShapeError("shape 4 needs 4 values, got 6")) { try tensor.reshaped(to: [4]) }
  }

  @Test("shares memory with a copy only until one is changed")
  func copies() {
    let first = Tensor([3], repeating: 1)
    var second = first
    second[0] = 5
    second.withMutableValues { $0[1] = 6 }
    #expect(first.values == [1, 1, 1])
    #expect(second.values == [5, 6, 1])
  }
}
