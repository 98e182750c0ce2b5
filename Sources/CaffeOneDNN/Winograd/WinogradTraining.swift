import COneDNN
import CaffeGraph
import CaffePlan

/// Winograd's convolution with filters that change from pass to pass: they are transformed anew each time. Forward, or with the filters
/// turned round backward to the bottom, which is a convolution of the top's gradient.
struct WinogradTraining: Sendable {
  private let engine: Engine
  private let geometry: WinogradGeometry
  private let schedule: WinogradSchedule
  /// From the format the filters are trained in to dense.
  private let filters: Reformatting
  private let isBackward: Bool

  /// nil where it does not pay or is switched off, or images do not lie in blocks.
  init?(
    _ backend: OneDNNBackend, _ request: KernelRequest, _ convolution: ConvolutionGeometry,
    _ descriptors: ConvolutionDescriptors, isBackward: Bool
  ) throws {
    let images = [descriptors.source, descriptors.destination]
    guard !request.withoutPasses.contains(Passes.winograd),
      let geometry = WinogradGeometry(isBackward ? convolution.turned : convolution, threads: request.threads),
      try images.allSatisfy({ $0.token == (try MemoryDescriptor.blocked($0.dims)).token })
    else { return nil }
    engine = backend.engine
    self.geometry = geometry
    schedule = WinogradSchedule(geometry)
    filters = try Reformatting(from: descriptors.filters, to: .dense(descriptors.filters.dims), backend.engine)
    self.isBackward = isBackward
  }

  var implementation: String { geometry.implementation }

  /// Bytes of scratch: the filters dense and transformed, then the schedule's.
  var scratchBytes: [Int] {
    [filters.byteCount(filters.to), WinogradFilters(geometry).layout.byteCount([])] + schedule.scratchBytes(geometry)
  }

  func bind(
    source: UnsafeMutablePointer<Float>, filters given: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>?,
    destination: UnsafeMutablePointer<Float>, scratch: [UnsafeMutablePointer<Float>]
  ) throws -> BoundSteps {
    let calls = try filters.calls(given, scratch[0], engine)
    let dense = calls.isEmpty ? given : scratch[0]
    let work = WinogradWork(
      geometry: geometry, schedule: schedule, relu: nil, source: UnsafeMutableRawPointer(source),
      filters: UnsafeMutableRawPointer(scratch[1]), bias: bias, destination: UnsafeMutableRawPointer(destination),
      planes: UnsafeMutableRawPointer(scratch[2]), products: scratch[3])
    let packing = WinogradFilters(geometry)
    return BoundSteps { [isBackward] context in
      for call in calls { try call.execute() }
      packing.pack(dense, to: scratch[1], isFlipped: isBackward, context.pool)
      work.run(context.pool)
    }
  }
}

/// Forward in training.
struct WinogradTrainingForward: Kernel {
  let convolution: WinogradTraining

  var implementation: String { convolution.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    try convolution.bind(
      source: memory.inputs[0], filters: memory.weights[0], bias: memory.weights.count > 1 ? memory.weights[1] : nil,
      destination: memory.outputs[0], scratch: memory.scratch)
  }
}

extension ConvolutionGeometry {
  /// The convolution that takes the gradient of the top to that of the bottom, for stride 1.
  fileprivate var turned: ConvolutionGeometry {
    var result = self
    (result.inputChannels, result.outputChannels) = (outputChannels, inputChannels)
    (result.input, result.output) = (output, input)
    result.pad = zip(kernel, pad).map { $0 - 1 - $1 }
    return result
  }
}
