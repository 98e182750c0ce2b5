import CaffeCore
import CaffeFormat
import CaffeLayers
import CaffeTesting
import Testing

/// Layers made up at random, over the whole of their parameters: the fast backends against the reference, gradients against
/// differences, the contract of layers.
@Suite("A thousand layers made up at random")
struct RandomConfigurationTests {
  /// How many of each type; what a layer refuses is drawn anew.
  private static let each = 20

  @Test("are sound", arguments: ConfigurationSource.all)
  func type(source: ConfigurationSource) throws {
    var draw = Draw(seed: source.type.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    var (checked, refused) = (0, 0)
    while checked < Self.each {
      let configuration = source.make(&draw)
      guard let failures = try Self.failures(configuration) else {
        refused += 1
        try #require(refused < 3 * Self.each, "too much of what is drawn is refused: \(configuration.layer)")
        continue
      }
      checked += 1
      #expect(failures == [], "\(configuration.layer) on \(configuration.bottoms)")
    }
  }

  /// What is wrong; nil where the layer does not take such parameters and shapes.
  private static func failures(_ configuration: Configuration) throws -> [String]? {
    let bottoms = configuration.bottoms.map { bottom in
      "layer { name: 'in \(bottom.name)' type: 'Input' top: '\(bottom.name)' "
        + "input_param { shape { \(bottom.shape.dims.map { "dim: \($0)" }.joined(separator: " ")) } } }\n"
    }
    let blobs = configuration.bottoms.map { "bottom: '\($0.name)'" } + configuration.tops.map { "top: '\($0)'" }
    var check = try LayerCheck(
      bottoms.joined() + "layer { name: 'layer' \(blobs.joined(separator: " ")) \(configuration.layer) }\n")
    check.phase = configuration.phase == "TEST" ? .TEST : .TRAIN
    check.values = configuration.values
    check.kinks = configuration.kinks
    check.otherShapes = 0
    if configuration.tops.contains("mask") { check.unseeded = ["mask"] }
    do { return try check.failures() } catch is Diagnostics { return nil }
  }

  @Test("are a thousand")
  func count() { #expect(ConfigurationSource.all.count * Self.each >= 1000) }
}

extension ConfigurationSource: CustomTestStringConvertible {
  var testDescription: String { type }
}
