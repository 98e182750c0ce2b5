import CaffeCore

/// output += input over a number of floats, whatever their layout.
struct AddKernel: Kernel {
  let count: Int
  var implementation: String { "add" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    ElementKernel { [count] in
      let (target, source) = (memory.outputs[0], memory.inputs[0])
      for i in 0..<count { target[i] += source[i] }
    }
  }
}

/// Sets floats to one value: a loss's weight as the seed of its gradient, or zero.
struct FillKernel: Kernel {
  let count: Int
  let value: Float
  var implementation: String { "fill" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    ElementKernel { [count, value] in memory.outputs[0].update(repeating: value, count: count) }
  }
}

private final class ElementKernel: BoundKernel {
  private let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
  func run(_ context: RunContext) { body() }
}
