import CaffeCore
import CaffeHDF5
import Foundation
import Testing

@Suite("Damaged HDF5 files")
struct HDF5FuzzTests {
  @Test("seeded damage to a file of weights gives errors, never a crash")
  func mutations() throws {
    let directory = try TemporaryDirectory()
    let writer = try HDF5Writer(path: directory.file("whole.h5"))
    try writer.write(Tensor([2, 3, 4], repeating: 1), to: "data/conv1/0")
    try writer.write(Tensor([], repeating: 1), to: "data/conv1/1")
    try writer.write(4, to: "iter")
    try writer.write("learned", to: "learned_net")
    try writer.setAttribute("phase", to: "TRAIN")
    try writer.commit()
    let whole = try Data(contentsOf: URL(filePath: directory.file("whole.h5")))
    for seed in 0..<1000 {
      let path = try directory.write(Self.damaged(whole, seed: UInt64(seed)), to: "damaged.h5")
      guard let reader = try? HDF5Reader(path: path) else { continue }
      _ = try? reader.attribute("phase")
      for name in (try? reader.datasets(under: "/")) ?? [] {
        _ = try? reader.tensor(name)
        _ = try? reader.string(name)
      }
    }
  }

  private static func damaged(_ whole: Data, seed: UInt64) -> Data {
    var random = SequentialRandom(RandomStream(seed: seed))
    var bytes = whole
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      bytes[Int.random(in: 8..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    return bytes
  }
}
