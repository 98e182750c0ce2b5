extension ResidentWeights {
  /// The memory of a weight in the layout that kernels read.
  public struct Memory {
    public let bytes: UnsafeMutableRawBufferPointer
    /// Whether it has a gradient; otherwise it is fixed, or a statistic that layers keep.
    public let isTrained: Bool
  }

  /// Every weight's memory, in an order that plans of the same net have in common.
  public var memory: [Memory] {
    plan.residents.enumerated().map { index, resident in
      Memory(
        bytes: UnsafeMutableRawBufferPointer(start: pointer(index), count: resident.byteCount), isTrained: resident.hasDiff)
    }
  }

  /// A line per weight with shape and layout: sessions may exchange `memory` where these agree.
  public var layoutLines: [String] {
    plan.residents.map { resident in
      let layout: String
      switch resident.layout {
      case .dense: layout = "dense"
      case .opaque(let opaque): layout = "\(opaque.backend) \(opaque.name) \(opaque.byteCount)"
      }
      return "\(resident.shape) \(layout)\(resident.hasDiff ? " with a gradient" : "")"
    }
  }
}
