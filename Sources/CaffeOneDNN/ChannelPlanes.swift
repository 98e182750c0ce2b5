import COneDNN
import CaffePlan

/// Where the channels of a batch of images lie, dense or blocked: for what is added to a channel, or summed over it.
struct ChannelPlanes: Sendable {
  private let batch, channels, plane: Int
  /// Channels that lie side by side: 1 for dense images.
  private let block: Int

  /// nil for a format that is neither.
  init?(_ image: MemoryDescriptor, _ backend: OneDNNBackend) {
    let dims = image.dims
    guard dims.count >= 3 else { return nil }
    (batch, channels, plane) = (dims[0], dims[1], dims[2...].reduce(1, *))
    if image.token == (try? MemoryDescriptor.dense(dims))?.token {
      block = 1
    } else if image.token == (try? MemoryDescriptor.blocked(dims))?.token {
      block = Int(cdnn_channel_block())
    } else {
      return nil
    }
  }

  private var blocks: Int { (channels + block - 1) / block }

  /// y[n, c, …] += bias[c]
  func add(_ bias: UnsafeMutablePointer<Float>, to y: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = Places(values: y, channel: bias)
    pool.run(units: batch * blocks) { unit in
      let (start, first) = (unit * plane * block, unit % blocks * block)
      for lane in 0..<min(block, channels - first) {
        let value = places.channel[first + lane]
        for i in stride(from: start + lane, to: start + plane * block, by: block) { places.values[i] += value }
      }
    }
  }

  /// sums[c] += Σ dy[n, c, …]
  func addSums(of dy: UnsafeMutablePointer<Float>, to sums: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = Places(values: dy, channel: sums)
    pool.run(units: channels) { channel in
      let (group, lane) = channel.quotientAndRemainder(dividingBy: block)
      for image in 0..<batch {
        let start = (image * blocks + group) * plane * block
        var sum: Float = 0
        for i in stride(from: start + lane, to: start + plane * block, by: block) { sum += places.values[i] }
        places.channel[channel] += sum
      }
    }
  }

  // Units write different channels, or different images.
  private struct Places: @unchecked Sendable {
    let values, channel: UnsafeMutablePointer<Float>
  }
}
