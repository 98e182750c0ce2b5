import Foundation
import Testing

@Suite("Memory of the program", .enabled(if: Program.isBuilt))
struct MemoryForecastTests {
  private struct Summary: Decodable {
    struct Memory: Decodable {
      let program, weights, gradients, keptGradients, history, activations, loading, peak: Int
    }
    let memory: Memory?
  }
  private struct Times: Decodable {
    let peakMemory, iterations: Int
    let buildAndLoad, firstPass, total: Double
  }

  /// The three nets with the bytes of their weights.
  static let nets = [
    ("lenet", "1,1,28,28", 1_724_320), ("bvlc_googlenet", "1,3,224,224", 27_994_208),
    ("bvlc_reference_caffenet", "1,3,227,227", 243_860_896),
  ]

  @Test("is within a tenth of what summary forecasts", arguments: nets)
  func forecast(net: String, shape: String, weightBytes: Int) throws {
    let folder = try Workplace()
    let model = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models/\(net)/deploy.prototxt").path
    let common = ["--input-shape", "data=\(shape)", "--threads", "1", "--json"]
    let summary = try Program.run(["summary", model] + common, in: folder)
    let memory = try #require(JSONDecoder().decode(Summary.self, from: Data(summary.results.utf8)).memory)
    let run = try Program.run(["time", "--model", model, "--phase", "test", "--iterations", "2"] + common, in: folder)
    let measured = try JSONDecoder().decode(Times.self, from: Data(run.results.utf8)).peakMemory
    #expect(abs(Double(memory.peak) / Double(measured) - 1) < 0.1, "forecast \(memory.peak), measured \(measured)")
    // Kernels pad channels, so weights take no less than they are stored with; Winograd's filters take four times as much.
    #expect(memory.weights >= weightBytes && memory.weights < weightBytes * 4)
    let plain = try Program.run(["summary", model, "--without-pass", "winograd"] + common, in: folder)
    let plainWeights = try #require(JSONDecoder().decode(Summary.self, from: Data(plain.results.utf8)).memory).weights
    #expect(plainWeights >= weightBytes && plainWeights < weightBytes * 11 / 10 + 500_000)
    #expect(memory.gradients == 0 && memory.history == 0)
    #expect(memory.peak == memory.program + memory.weights + memory.activations + memory.loading)
  }

  @Test("with weights in bf16 is half of theirs less, also while they are loaded")
  func halfWeights() throws {
    let folder = try Workplace()
    let (net, shape, _) = Self.nets[2]
    let model = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models/\(net)/deploy.prototxt").path
    let common = ["--input-shape", "data=\(shape)", "--threads", "1", "--json", "--precision", "bf16"]
    let summary = try Program.run(["summary", model] + common, in: folder)
    let memory = try #require(JSONDecoder().decode(Summary.self, from: Data(summary.results.utf8)).memory)
    let run = try Program.run(["time", "--model", model, "--phase", "test", "--iterations", "1"] + common, in: folder)
    let measured = try JSONDecoder().decode(Times.self, from: Data(run.results.utf8)).peakMemory
    #expect(abs(Double(memory.peak) / Double(measured) - 1) < 0.1, "forecast \(memory.peak), measured \(measured)")
    // 58,621,952 of the weights are those of inner products.
    #expect(memory.weights < 267_700_000 - 58_621_952 * 2 + 1_000_000 && memory.loading < 20_000_000)
  }

  @Test("for training counts gradients and the solver's history besides")
  func training() throws {
    let folder = try Workplace()
    #expect(try folder.drawDigits().code == 0)
    let outcome = try Program.run("summary", "net.prototxt", "--phase", "train", "--json", in: folder)
    let memory = try #require(JSONDecoder().decode(Summary.self, from: Data(outcome.results.utf8)).memory)
    // (784 · 16 + 16 + 16 · 10 + 10) floats
    #expect(memory.weights >= 50_920 && memory.history == memory.weights)
    // Those of the first layer come last, and lie where the others were.
    #expect(memory.gradients >= 50_176 + 64 && memory.gradients < memory.keptGradients)
    #expect(memory.keptGradients >= memory.weights)
    let text = try Program.run("summary", "net.prototxt", "--phase", "train", in: folder).results
    #expect(text.contains(" MB more for a solver that needs all gradients at once (with clip_gradients, "), "\(text)")
    #expect(text.contains(", 0.1 MB more for Adam, AdamW or AdaDelta"), "\(text)")
    #expect(text.contains(" MB at most: ") && text.contains(" MB for the solver's history (momentum)"), "\(text)")
  }

  @Test("time goes on for as long as it is told, and tells the peak")
  func seconds() throws {
    let folder = try Workplace()
    let call = ["time", "--model", "deploy.prototxt", "--phase", "test", "--iterations", "1", "--seconds", "0.05", "--json"]
    let outcome = try Program.run(call, in: folder)
    let times = try JSONDecoder().decode(Times.self, from: Data(outcome.results.utf8))
    #expect(times.total >= 0.05 && times.iterations > 1)
    let told = outcome.lines.filter { $0.hasPrefix("Iteration: ") }.compactMap { Int($0.split(separator: " ")[1]) }
    #expect(told == Array(1...times.iterations))
    #expect(times.buildAndLoad > 0 && times.firstPass > 0)
    #expect(outcome.lines.contains { $0.hasPrefix("Peak memory: ") })
    let wrong = try Program.run("time", "--model", "deploy.prototxt", "--seconds=-1", in: folder)
    #expect(wrong.code != 0 && wrong.words.contains("--seconds must be 0 or more"), "\(wrong.words)")
  }
}
