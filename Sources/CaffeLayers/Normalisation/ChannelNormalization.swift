import CaffeGraph

/// y = factor · n + shift with n = (x − mean) · inverse, each channel with numbers of its own, and the gradients.
struct ChannelNormalization {
  let mean, inverse: TensorView
  /// 1 when absent.
  let factor: TensorView?
  /// 0 when absent.
  let shift: TensorView?

  /// Writes the mean and the variance of each channel over the batch and its places.
  static func measure(_ x: TensorView, mean: TensorView, variance: TensorView) {
    let items = Float(x.count / max(1, mean.count))
    mean.fill(0)
    variance.fill(0)
    eachChannel(x.shape) { c, range in mean[c] += range.reduce(Float(0)) { $0 + x[$1] } / items }
    eachChannel(x.shape) { c, range in
      variance[c] += range.reduce(Float(0)) { $0 + (x[$1] - mean[c]) * (x[$1] - mean[c]) } / items
    }
  }

  func apply(_ x: TensorView, to y: TensorView) {
    eachChannel(x.shape) { c, range in
      let (factor, shift) = (factor?[c] ?? 1, shift?[c] ?? 0)
      for i in range { y[i] = factor * (x[i] - mean[c]) * inverse[c] + shift }
    }
  }

  /// dfactor += Σ dy · n, dshift += Σ dy
  func addGradients(_ x: TensorView, _ dy: TensorView, factor: TensorView?, shift: TensorView?) {
    eachChannel(dy.shape) { c, range in
      if let factor { factor[c] += range.reduce(Float(0)) { $0 + dy[$1] * (x[$1] - mean[c]) * inverse[c] } }
      if let shift { shift[c] += range.reduce(Float(0)) { $0 + dy[$1] } }
    }
  }

  /// dx = dy · factor · inverse, for a mean and a variance that do not come from x.
  func spread(_ dy: TensorView, to dx: TensorView) {
    eachChannel(dx.shape) { c, range in for i in range { dx[i] = dy[i] * (factor?[c] ?? 1) * inverse[c] } }
  }

  /// dx = (dy − mean(dy) − n · mean(dy · n)) · factor · inverse, for the mean and the variance of x itself.
  ///
  /// - Parameter scratch: two buffers of one element per channel.
  func spread(_ dy: TensorView, to dx: TensorView, throughStatisticsOf x: TensorView, scratch: [TensorView]) {
    let (means, products) = (scratch[0], scratch[1])
    let items = Float(dx.count / max(1, mean.count))
    means.fill(0)
    products.fill(0)
    addGradients(x, dy, factor: products, shift: means)
    eachChannel(dx.shape) { c, range in
      let (mean, product, scale) = (means[c] / items, products[c] / items, (factor?[c] ?? 1) * inverse[c])
      for i in range { dx[i] = (dy[i] - mean - (x[i] - self.mean[c]) * inverse[c] * product) * scale }
    }
  }
}
