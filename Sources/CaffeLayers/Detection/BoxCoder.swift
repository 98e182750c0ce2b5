import CaffeGraph

/// How SSD writes a box relative to a prior: the numbers a net predicts.
///
/// With prior corners p, extents w and h, centre c and variances v, a box b is
/// - CORNER: (b − p) / v for each corner,
/// - CENTER_SIZE: ((cx(b) − cx) / w, (cy(b) − cy) / h, log(w(b) / w), log(h(b) / h)) / v,
/// - CORNER_SIZE: (b − p) / (w, h, w, h) / v.
///
/// Where the variance is said to be in the target, v is left out.
struct BoxCoder: Sendable {
  let type: PriorBoxParameters.CodeType
  let isVarianceInTarget: Bool

  /// The numbers that stand for a box.
  func encode(_ box: Box, _ prior: Prior) -> SIMD4<Float> {
    let code: SIMD4<Float>
    switch type {
    case .CORNER: code = box.corners - prior.box.corners
    case .CORNER_SIZE: code = (box.corners - prior.box.corners) / prior.extents
    case .CENTER_SIZE:
      code = SIMD4(
        (box.centerX - prior.box.centerX) / prior.box.width, (box.centerY - prior.box.centerY) / prior.box.height,
        logarithm(box.width / prior.box.width), logarithm(box.height / prior.box.height))
    }
    return isVarianceInTarget ? code : code / prior.variance
  }

  /// The box that numbers stand for.
  func decode(_ code: SIMD4<Float>, _ prior: Prior) -> Box {
    let code = isVarianceInTarget ? code : code * prior.variance
    switch type {
    case .CORNER: return Box(prior.box.corners + code)
    case .CORNER_SIZE: return Box(prior.box.corners + code * prior.extents)
    case .CENTER_SIZE:
      let (x, y) = (code[0] * prior.box.width + prior.box.centerX, code[1] * prior.box.height + prior.box.centerY)
      let (width, height) = (exponential(code[2]) * prior.box.width, exponential(code[3]) * prior.box.height)
      return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    }
  }

  /// Whether boxes can be written relative to that prior: nothing is divided by 0.
  func canEncode(_ prior: Prior) -> Bool {
    (type == .CORNER || prior.box.width > 0 && prior.box.height > 0)
      && (0..<4).allSatisfy { prior.variance[$0] > 0 }
  }
}

/// A prior box with the variances of its code.
struct Prior: Sendable {
  let box: Box
  let variance: SIMD4<Float>

  /// Width and height, as the four numbers of a code need them.
  var extents: SIMD4<Float> { SIMD4(box.width, box.height, box.width, box.height) }

  /// The priors of a blob 1×2×4P: boxes first, then their variances.
  static func all(_ blob: TensorView) -> [Prior] {
    (0..<blob.count / 8).map { index in
      let box = Box(at: blob.pointer + 4 * index)
      return Prior(box: box, variance: Box(at: blob.pointer + blob.count / 2 + 4 * index).corners)
    }
  }
}
