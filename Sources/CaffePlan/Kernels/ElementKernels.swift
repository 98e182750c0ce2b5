import CaffeCore

/// output += input over a number of floats, whatever their layout.
struct AddKernel: Kernel {
  let count: Int
  var implementation: String { "add" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let (target, source) = (Place(memory.outputs[0]), Place(memory.inputs[0]))
    return ElementKernel(count: count) { range in for i in range { target.start[i] += source.start[i] } }
  }
}

/// Sets floats to one value: a loss's weight as the seed of its gradient, or zero.
struct FillKernel: Kernel {
  let count: Int
  let value: Float
  var implementation: String { "fill" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let target = Place(memory.outputs[0])
    return ElementKernel(count: count) { [value] range in
      (target.start + range.lowerBound).update(repeating: value, count: range.count)
    }
  }
}

// Stretches of one buffer do not overlap, so threads may share its start.
private struct Place: @unchecked Sendable {
  let start: UnsafeMutablePointer<Float>
  init(_ start: UnsafeMutablePointer<Float>) { self.start = start }
}

/// Work on each element by itself, in stretches that threads share.
private final class ElementKernel: BoundKernel {
  private let count: Int
  private let body: @Sendable (Range<Int>) -> Void

  init(count: Int, _ body: @escaping @Sendable (Range<Int>) -> Void) {
    self.count = count
    self.body = body
  }

  func run(_ context: RunContext) { context.pool.run(elements: count, body) }
}
