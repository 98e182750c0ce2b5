import CaffeData
import Testing

@Suite("Made-up digits")
struct DigitGeneratorTests {
  @Test("a digit depends on the seed and its number alone")
  func determinism() {
    let generator = DigitGenerator(seed: 5)
    let forward = (0..<50).map { generator.digit($0) }
    let backward = (0..<50).reversed().map { DigitGenerator(seed: 5).digit($0) }.reversed()
    #expect(zip(forward, backward).allSatisfy { $0.label == $1.label && $0.pixels == $1.pixels })
    #expect(DigitGenerator(seed: 6).digit(0).pixels != forward[0].pixels)
  }

  @Test("labels are balanced, and every picture has ink")
  func balance() {
    let generator = DigitGenerator(seed: 1)
    var counts = [Int](repeating: 0, count: 10)
    for index in 0..<5000 {
      let digit = generator.digit(index)
      counts[digit.label] += 1
      #expect(digit.pixels.count == 784)
      #expect(digit.pixels.count { $0 > 100 } >= 12)
    }
    #expect(counts.allSatisfy { (400...600).contains($0) })
  }
}
