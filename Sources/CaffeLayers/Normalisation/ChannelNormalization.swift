import CaffeGraph

/// y = factor · n + shift with n = (x − mean) · inverse, each channel with numbers of its own, and the gradients.
struct ChannelNormalization {
  let mean, inverse: TensorView
  /// 1 when absent.
  let factor: TensorView?
  /// 0 when absent.
  let shift: TensorView?

  /// Writes the mean and the variance of each channel over the batch and its places.
  private static func measure(_ x: TensorView, mean: TensorView, variance: TensorView) {
    let items = Float(x.count / max(1, mean.count))
    mean.fill(0)
    variance.fill(0)
    eachChannel(x.shape) { c, range in mean[c] += range.reduce(Float(0)) { $0 + x[$1] } / items }
    eachChannel(x.shape) { c, range in
      variance[c] += range.reduce(Float(0)) { $0 + (x[$1] - mean[c]) * (x[$1] - mean[c]) } / items
    }
  }

  /// The same over the batches of all processes, where there is a way to them.
  ///
  /// One exchange is enough for both: mean squares lose nothing in double precision that x, in single precision, had.
  ///
  /// - Returns: how many values each mean is made of.
  static func measure(_ x: TensorView, mean: TensorView, variance: TensorView, over batch: BatchSum?) -> Int {
    measure(x, mean: mean, variance: variance)
    let (channels, items) = (0..<mean.count, x.count / max(1, mean.count))
    guard let batch else { return items }
    let squares = channels.map { Double(variance[$0]) + Double(mean[$0]) * Double(mean[$0]) }
    let all = batch.means(channels.map { Double(mean[$0]) } + squares, of: items)
    for c in channels {
      let difference = all.means[mean.count + c] - all.means[c] * all.means[c]
      // Rounding may leave less than nothing. NaN stays what it is.
      (mean[c], variance[c]) = (Float(all.means[c]), difference < 0 ? 0 : Float(difference))
    }
    return all.items
  }

  /// Replaces the means of dy and of dy · n over this process's batch by those over the batches of all.
  ///
  /// What falls is the mean of the processes' losses: the gradients of weights are averaged over processes, and to make them right
  /// backward carries the gradient of the losses' sum. That sum's dx is that of one long batch, with the means of all its dy.
  static func joinMeans(_ gradients: TensorView, _ products: TensorView, of items: Int, over batch: BatchSum?) {
    guard let batch else { return }
    let channels = 0..<gradients.count
    let all = batch.means((channels.map { gradients[$0] } + channels.map { products[$0] }).map(Double.init), of: items).means
    for c in channels { (gradients[c], products[c]) = (Float(all[c]), Float(all[gradients.count + c])) }
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
  /// - Parameters:
  ///   - scratch: two buffers of one element per channel.
  ///   - batch: the way to the other processes whose batches these statistics are of.
  func spread(
    _ dy: TensorView, to dx: TensorView, throughStatisticsOf x: TensorView, scratch: [TensorView], over batch: BatchSum?
  ) {
    let (means, products) = (scratch[0], scratch[1])
    let items = dx.count / max(1, mean.count)
    means.fill(0)
    products.fill(0)
    addGradients(x, dy, factor: products, shift: means)
    for c in 0..<means.count where items > 0 { (means[c], products[c]) = (means[c] / Float(items), products[c] / Float(items)) }
    ChannelNormalization.joinMeans(means, products, of: items, over: batch)
    eachChannel(dx.shape) { c, range in
      let (mean, product, scale) = (means[c], products[c], (factor?[c] ?? 1) * inverse[c])
      for i in range { dx[i] = (dy[i] - mean - (x[i] - self.mean[c]) * inverse[c] * product) * scale }
    }
  }
}
