import CaffeFormat

extension LossParameter.NormalizationMode {
  /// What a sum of losses is divided by; at least 1.
  ///
  /// - Parameters:
  ///   - valid: the elements that are not ignored.
  ///   - outer: items in the batch.
  ///   - inner: elements of each.
  ///   - preFixed: the number that the file gives.
  func divisor(valid: Int, outer: Int, inner: Int, preFixed: Float) -> Float {
    switch self {
    case .FULL: Float(max(1, outer * inner))
    case .VALID: Float(max(1, valid))
    case .BATCH_SIZE: Float(max(1, outer))
    case .NONE: 1
    case .PRE_FIXED: max(1, preFixed)
    }
  }
}
