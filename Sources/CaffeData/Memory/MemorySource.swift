import CaffeCore
import CaffeFormat
import Synchronization

/// What a MemoryData layer says about its batches.
public struct MemoryConfiguration: Sendable {
  /// The layer's name, for errors.
  public var layer: String
  /// N×C×H×W.
  public var shape: Shape
  /// What happens to pictures; values stay as they are.
  public var transform = TransformationParameter()
  /// TRAIN crops at random, TEST in the middle.
  public var phase: Phase
  /// The run's seed, for crops and mirrors.
  public var seed: UInt64
  /// Which of the items are taken here.
  public var shard = DataShard.whole

  public init(layer: String, shape: Shape, phase: Phase, seed: UInt64 = 0) {
    self.layer = layer
    self.shape = shape
    self.phase = phase
    self.seed = seed
  }
}

/// The source of a MemoryData layer: batches of what the program around the net has set.
public final class MemorySource: BatchSource {
  private struct Place {
    /// Items used up, by all takers.
    var position: Int
    /// The item behind the last one taken here.
    var next: Int
    /// The position at which the current filling began, and its number.
    var filling: (start: Int, number: Int)?
  }

  private let data: MemoryData
  private let configuration: MemoryConfiguration
  private let transformer: DataTransformer
  private let place: Mutex<Place>
  /// Where the blocks of the shard begin.
  private let start: Int

  /// - Parameter start: items that a run used before this one.
  /// - Throws: `DataSettingsError`, and what reading the mean file throws.
  public init(_ data: MemoryData, _ configuration: MemoryConfiguration, startingAt start: Int = 0) throws {
    guard configuration.shape.rank == 4, configuration.shape.count > 0 else {
      throw DataSettingsError("layer \"\(configuration.layer)\": a batch has the shape N×C×H×W, not \(configuration.shape)")
    }
    guard start >= 0 else { throw DataSettingsError("a run cannot continue at item \(start)") }
    self.data = data
    self.configuration = configuration
    let draws = RandomStream(seed: configuration.seed, path: DrawStream.transform)
    transformer = try DataTransformer(configuration.transform, phase: configuration.phase, random: draws)
    self.start = start
    place = Mutex(Place(position: start, next: start))
  }

  /// The next batch: N×C×H×W and N.
  ///
  /// - Throws: `DataSettingsError` when nothing was set, or it does not fit the layer.
  public func nextTensors() throws -> [Tensor] {
    try place.withLock { place in
      guard let filling = data.current else {
        throw error("it has no data yet; set some before the net runs (MemoryData.set)")
      }
      try check(filling.content)
      if place.filling?.number != filling.number {
        // What is set first goes on where a resumed run stood; what replaces it begins anew.
        place.filling = (place.filling == nil ? 0 : place.position, filling.number)
      }
      let (shard, size) = (configuration.shard, configuration.shape[0])
      let item = start + shard.next(from: place.next - start, block: size)
      let first = (item - (place.filling?.start ?? 0)) % filling.content.count
      let batch = try batch(of: filling, from: first, item: item)
      place.next = item + size
      place.position = start + shard.end(place.next - start, block: size)
      return batch
    }
  }

  public var contents: String { "\(data.current?.content.count ?? 0) items of \(configuration.shape)" }

  public var position: Int { place.withLock { $0.position } }

  /// Nobody waits: the data is there.
  public var secondsWaited: Double { 0 }

  private func check(_ content: MemoryData.Content) throws(DataSettingsError) {
    let size = configuration.shape[0]
    guard content.count % size == 0 else {
      throw error("\(content.count) items are set; their number must be a multiple of batch_size \(size)")
    }
    guard case .values(let tensor) = content, tensor.shape.dims.dropFirst() != configuration.shape.dims.dropFirst() else {
      return
    }
    throw error("items of the shape \(Shape(Array(tensor.shape.dims.dropFirst()))) are set; the layer says \(itemShape)")
  }

  private func batch(of filling: MemoryData.Filling, from first: Int, item: Int) throws -> [Tensor] {
    let size = configuration.shape[0]
    let labels = try Tensor([size], values: Array(filling.labels[first..<first + size]))
    switch filling.content {
    case .values(let tensor):
      let count = itemShape.count
      return [try Tensor(configuration.shape, values: Array(tensor.values[first * count..<(first + size) * count])), labels]
    case .images(let images): return [try transformed(images[first..<first + size], item: item), labels]
    }
  }

  private func transformed(_ images: ArraySlice<Image>, item: Int) throws -> Tensor {
    let count = itemShape.count
    return try Tensor(configuration.shape) { output in
      for (index, image) in images.enumerated() {
        let shape = try transformer.outputShape(channels: image.channels, height: image.height, width: image.width)
        guard shape == itemShape else {
          throw error("picture \(index) of the batch becomes \(shape); the layer says \(itemShape)")
        }
        let room = UnsafeMutableBufferPointer(rebasing: output[index * count..<(index + 1) * count])
        try transformer.transform(image, item: item + index, into: room)
      }
    }
  }

  private var itemShape: Shape { Shape(Array(configuration.shape.dims.dropFirst())) }

  private func error(_ text: String) -> DataSettingsError { DataSettingsError("layer \"\(configuration.layer)\": \(text)") }
}
