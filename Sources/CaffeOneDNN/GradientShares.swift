import COneDNN
import CaffePlan

/// The gradient of filters and bias over some of the batch, on one thread.
struct GradientShare: Sendable {
  let primitive: DNNPrimitive
  let source: Reformatting
  let destination: Reformatting
  let filters: Reformatting
}

/// A batch cut into shares by its size alone.
struct GradientShares: Sendable {
  static let maximum = 8
  let count: Int
  /// Images in all shares but the last.
  let images: Int
  let full: GradientShare
  let last: GradientShare
  /// Floats per image.
  let sourceStride: Int
  let destinationStride: Int

  func share(_ index: Int) -> GradientShare { index == count - 1 ? last : full }

  var implementation: String { "\(full.primitive.implementation) x\(count)" }

  /// Scratch buffers of each share, by place: the kernel's own, the filters' gradient in forward's format and in the
  /// kernel's, the bias's, and the images in the kernel's formats.
  private enum Place {
    static let own = 0
    static let filters = 1
    static let foreignFilters = 2
    static let bias = 3
    static let source = 4
    static let destination = 5
    static let count = 6

    static func index(_ share: Int, _ place: Int) -> Int { share * count + place }
  }

  /// Bytes per scratch buffer.
  func scratchBytes(_ descriptors: ConvolutionDescriptors) -> [Int] {
    (0..<count).flatMap { index -> [Int] in
      let share = share(index)
      return [
        share.primitive.byteCount(Argument.scratchpad), descriptors.filters.byteCount,
        share.filters.byteCount(share.filters.from),
        descriptors.bias?.byteCount ?? 0, share.source.byteCount(share.source.to),
        share.destination.byteCount(share.destination.to),
      ]
    }
  }

  /// Fixes the memory.
  ///
  /// - Parameters:
  ///   - images: the values on the side of the input channels, and `gradients` those on the other.
  ///   - filters: what the filters' gradient is added to, and `bias` the bias's.
  func bind(
    _ descriptors: ConvolutionDescriptors, images: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
    scratch: [UnsafeMutablePointer<Float>], filters: UnsafeMutablePointer<Float>?, bias: UnsafeMutablePointer<Float>?,
    _ engine: Engine
  ) throws -> BoundGradientShares {
    let calls = try (0..<count).map { index in
      try shareCalls(
        index, descriptors, images + index * self.images * sourceStride, gradients + index * self.images * destinationStride,
        { scratch[Place.index(index, $0)] }, engine)
    }
    func reduction(_ target: UnsafeMutablePointer<Float>?, _ place: Int, _ bytes: Int) -> Reduction? {
      target.map { target in
        Reduction(target: target, parts: (0..<count).map { scratch[Place.index($0, place)] }, count: bytes / 4)
      }
    }
    return BoundGradientShares(
      calls: calls,
      reduction: [
        reduction(filters, Place.filters, descriptors.filters.byteCount),
        descriptors.bias.flatMap { reduction(bias, Place.bias, $0.byteCount) },
      ].compactMap { $0 })
  }

  private func shareCalls(
    _ index: Int, _ descriptors: ConvolutionDescriptors, _ images: UnsafeMutablePointer<Float>,
    _ gradients: UnsafeMutablePointer<Float>, _ scratch: (Int) -> UnsafeMutablePointer<Float>, _ engine: Engine
  ) throws -> [PreparedCall] {
    let share = share(index)
    var arguments = [
      (Argument.source, share.source.to, share.source.primitive == nil ? images : scratch(Place.source)),
      (
        Argument.destinationDiff, share.destination.to,
        share.destination.primitive == nil ? gradients : scratch(Place.destination)
      ),
      (Argument.weightsDiff, share.filters.from, scratch(share.filters.primitive == nil ? Place.filters : Place.foreignFilters)),
      (Argument.scratchpad, try share.primitive.descriptor(Argument.scratchpad), scratch(Place.own)),
    ]
    if let descriptor = descriptors.bias { arguments.append((Argument.biasDiff, descriptor, scratch(Place.bias))) }
    return try share.source.calls(images, scratch(Place.source), engine)
      + share.destination.calls(gradients, scratch(Place.destination), engine) + [
        PreparedCall(share.primitive, engine, arguments)
      ]
      + share.filters.calls(scratch(Place.foreignFilters), scratch(Place.filters), engine)
  }
}

/// target += the parts, always in the same order.
// The memory is the session's, which lets no two threads write one element.
struct Reduction: @unchecked Sendable {
  let target: UnsafeMutablePointer<Float>
  let parts: [UnsafeMutablePointer<Float>]
  let count: Int

  func run(_ pool: any ComputePool) {
    pool.run(elements: count) { range in for part in parts { for i in range { target[i] += part[i] } } }
  }
}

/// The calls of all shares, run side by side, and the sum of what they give.
// Each share's calls are touched by the one thread that took the share.
final class BoundGradientShares: @unchecked Sendable {
  private let calls: [[PreparedCall]]
  private let reduction: [Reduction]
  private var failures: [OneDNNError?]

  init(calls: [[PreparedCall]], reduction: [Reduction]) {
    self.calls = calls
    self.reduction = reduction
    failures = [OneDNNError?](repeating: nil, count: calls.count)
  }

  func run(_ pool: any ComputePool) throws {
    failures.withUnsafeMutableBufferPointer { failures in
      nonisolated(unsafe) let failures = failures  // share i writes element i only
      pool.run(units: calls.count) { unit in
        do throws(OneDNNError) { for call in self.calls[unit] { try call.execute() } } catch { failures[unit] = error }
      }
    }
    if let failure = failures.compactMap({ $0 }).first { throw failure }
    for step in reduction { step.run(pool) }
  }
}
