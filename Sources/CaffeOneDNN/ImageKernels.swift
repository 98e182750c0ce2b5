import COneDNN
import CaffePlan

/// The memory formats of an operation from one image to one image.
struct ImageFormats: Sendable {
  let source: MemoryDescriptor
  let destination: MemoryDescriptor
}

/// Forward of pooling, LRN and ReLU: one input, one output, and a workspace when training.
struct ImageForward: Kernel {
  let engine: Engine
  let primitive: DNNPrimitive
  let formats: ImageFormats

  var implementation: String { primitive.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    var arguments = [
      (Argument.source, formats.source, memory.inputs[0]), (Argument.destination, formats.destination, memory.outputs[0]),
      (Argument.scratchpad, try primitive.descriptor(Argument.scratchpad), memory.scratch[0]),
    ]
    if let workspace = memory.saved.first {
      arguments.append((Argument.workspace, try primitive.descriptor(Argument.workspace), workspace))
    }
    return BoundCalls([try PreparedCall(primitive, engine, arguments)])
  }
}

/// Their backward, which may read the input, the output or the workspace besides the gradient.
struct ImageBackward: Kernel {
  let engine: Engine
  let primitive: DNNPrimitive
  let formats: ImageFormats
  var workspace: MemoryDescriptor?
  var readsInput = false
  var readsOutput = false

  var implementation: String { primitive.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    guard let target = memory.inputDiffs[0] else { return BoundCalls([]) }
    var arguments = [
      (Argument.destinationDiff, formats.destination, memory.outputDiffs[0]), (Argument.sourceDiff, formats.source, target),
      (Argument.scratchpad, try primitive.descriptor(Argument.scratchpad), memory.scratch[0]),
    ]
    if let workspace, let place = memory.saved.first { arguments.append((Argument.workspace, workspace, place)) }
    if readsInput { arguments.append((Argument.source, formats.source, memory.inputs[0])) }
    if readsOutput { arguments.append((Argument.destination, formats.destination, memory.outputs[0])) }
    return BoundCalls([try PreparedCall(primitive, engine, arguments)])
  }
}
