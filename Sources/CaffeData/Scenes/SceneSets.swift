/// Two sets of drawn scenes, one to train on and one to test with.
struct SceneSets {
  /// A stretch of the generator's endless set.
  struct Part {
    let name: String
    let start: Int
    let count: Int
  }

  /// Where parts begin, so far apart that they share no scene.
  private enum Start {
    static let test = 1 << 40
    static let samples = 1 << 41
  }

  /// Scenes that are held in memory at a time.
  private static let chunk = 32

  let parts: [Part]
  private let generator: SceneGenerator
  private var meter: ProgressMeter

  /// - Parameter folder: where the scenes go, for the error.
  /// - Throws: `DataFileError` for a side that no scene has.
  init(
    for folder: String, side: Int, seed: UInt64, training: Int, test: Int, progress: @escaping DatabaseConversion.Progress,
    shouldStop: @escaping () -> Bool
  ) throws(DataFileError) {
    guard SceneGenerator.sides.contains(side) else {
      throw DataFileError(path: folder, "a side has \(SceneGenerator.sides) pixels, not \(side)")
    }
    generator = SceneGenerator(side: side, seed: seed)
    parts = [Part(name: "train", start: 0, count: training), Part(name: "test", start: Start.test, count: test)]
    meter = ProgressMeter(total: training + test, report: progress, shouldStop: shouldStop)
  }

  /// A scene of neither part.
  func sample(_ index: Int) -> Scene { generator.scene(Start.samples + index) }

  /// Draws a part by all cores and hands its scenes on in their order, with their numbers from 0.
  ///
  /// - Throws: what `body` throws, `CancellationError` when stopped.
  mutating func draw(_ part: Part, _ body: (Int, Scene) throws -> Void) throws {
    for first in stride(from: 0, to: part.count, by: SceneSets.chunk) {
      let generator = generator
      let scenes = ParallelWork.map(min(SceneSets.chunk, part.count - first)) { generator.scene(part.start + first + $0) }
      for (offset, scene) in scenes.enumerated() {
        try body(first + offset, scene)
        try meter.advance()
      }
    }
  }
}
