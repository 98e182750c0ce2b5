import CaffeGraph

// The three sums of a convolution, each along the taps of one walk. With y the image that has one element for every
// position of the window, and x the image that the window moves over:

extension ConvolutionWalk {
  /// y += Σ w · x: a convolution's forward, a deconvolution's gradient of its bottom.
  func addCorrelation(of x: TensorView, with weights: TensorView, to y: TensorView) {
    eachTap { tap in
      let weight = weights[tap.weight]
      tap.span.each { out, input in y.pointer[tap.output + out] += weight * x.pointer[tap.input + input] }
    }
  }

  /// x += Σ w · y: a deconvolution's forward, a convolution's gradient of its bottom.
  func addSpread(of y: TensorView, with weights: TensorView, to x: TensorView) {
    eachTap { tap in
      let weight = weights[tap.weight]
      tap.span.each { out, input in x.pointer[tap.input + input] += weight * y.pointer[tap.output + out] }
    }
  }

  /// w += Σ x · y: the filters' gradient of either.
  func addProducts(of x: TensorView, and y: TensorView, to weights: TensorView) {
    eachTap { tap in
      var sum: Float = 0
      tap.span.each { out, input in sum += y.pointer[tap.output + out] * x.pointer[tap.input + input] }
      weights[tap.weight] += sum
    }
  }
}

extension TensorView {
  /// Sets planes of `plane` elements to their channel's bias, or to 0 without one.
  func fillChannels(_ bias: TensorView?, plane: Int) {
    guard let bias else { return fill(0) }
    for index in 0..<count / max(1, plane) { (pointer + index * plane).update(repeating: bias[index % bias.count], count: plane) }
  }

  /// Adds the sum of each plane of `plane` elements to its channel's element.
  func addChannelSums(of image: TensorView, plane: Int) {
    for index in 0..<image.count / max(1, plane) {
      let start = image.pointer + index * plane
      self[index % count] += (0..<plane).reduce(Float(0)) { $0 + start[$1] }
    }
  }
}
