extension Primitive {
  /// Multiplications and additions of one forward pass, for the kinds whose cost is arithmetic; nil for the others.
  public var work: Int? {
    switch self {
    case .convolution(let geometry), .deconvolution(let geometry): geometry.flops
    case .innerProduct(let rows, let inputs, let outputs, _): 2 * rows * inputs * outputs
    default: nil
    }
  }
}
