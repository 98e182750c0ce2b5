import CaffeData
import Testing

@testable import CaffeVision

@Suite("Segmentation of a picture by its graph")
struct SegmentationTests {
  /// A picture drawn with letters: `a` is darkest, each later letter 40 brighter.
  private func picture(_ rows: String...) -> ColorPlanes {
    let values = rows.flatMap { row in row.utf8.map { UInt8(($0 - UInt8(ascii: "a")) * 40) } }
    return ColorPlanes(width: rows[0].utf8.count, height: rows.count, planes: [values])
  }

  private func segments(
    _ picture: ColorPlanes, k: Int, minimum: Int = 1, diagonally: Bool = false, sigma: Float = 0
  ) -> [Int32] {
    let graph = PixelGraph(picture, sigma: sigma, joinsDiagonally: diagonally)
    return GraphSegmentation.segment(graph, k: k, minimum: minimum).labels
  }

  @Test("areas of one colour are regions, numbered from the first pixel on")
  func areas() {
    let found = segments(picture("aaacc", "aabbc", "aabcc"), k: 5)
    #expect(found == [0, 0, 0, 1, 1, 0, 0, 2, 2, 1, 0, 0, 2, 1, 1])
  }

  @Test("corners join pixels where that is asked for")
  func corners() {
    let checks = picture("ab", "ba")
    #expect(segments(checks, k: 5) == [0, 1, 2, 3])
    #expect(segments(checks, k: 5, diagonally: true) == [0, 1, 1, 0])
    let slanted = picture("bab", "aba", "bab")
    #expect(segments(slanted, k: 5, diagonally: true) == [0, 1, 0, 1, 0, 1, 0, 1, 0])
  }

  @Test("a difference joins up to k over the size of either region")
  func threshold() {
    // Two areas of four pixels each, 40 apart: joined when 40 ≤ 0 + k / 4.
    #expect(segments(picture("aabb", "aabb"), k: 159) == [0, 0, 1, 1, 0, 0, 1, 1])
    #expect(segments(picture("aabb", "aabb"), k: 160) == [0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("small regions join the neighbour that is most like them")
  func minimum() {
    let spot = picture("aaadd", "aacdd", "aaadd")
    #expect(segments(spot, k: 5, minimum: 2) == [0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1])
    #expect(segments(spot, k: 5, minimum: 100).allSatisfy { $0 == 0 })
  }

  @Test("smoothing leaves one colour alone and makes a noisy area one region")
  func smoothing() {
    let flat = PixelGraph(picture("bbbb", "bbbb"), sigma: 0.8, joinsDiagonally: true)
    #expect(flat.edges.allSatisfy { $0 >> 32 == 0 })
    let noise = ColorPlanes(
      width: 40, height: 20, planes: [(0..<800).map { UInt8(($0 % 40 < 20 ? 60 : 160) + ($0 * 7919 % 13)) }])
    #expect(segments(noise, k: 300, minimum: 30, sigma: 0.8) == (0..<800).map { $0 % 40 < 20 ? 0 : 1 })
  }

  @Test("edges come lightest first, equal ones row by row", arguments: [false, true])
  func order(diagonally: Bool) {
    let values = (0..<35 * 21).map { UInt8($0 * $0 % 251) }
    let graph = PixelGraph(ColorPlanes(width: 35, height: 21, planes: [values]), sigma: 0, joinsDiagonally: diagonally)
    let edges = graph.edges.map { edge in
      let (pixel, other) = PixelGraph.pixels(of: edge, graph.steps)
      return (weight: abs(Int(values[Int(pixel)]) - Int(values[Int(other)])), pixel: pixel, other: other)
    }
    let across = diagonally ? 2 * 34 * 20 : 0
    #expect(edges.count == 34 * 21 + 35 * 20 + across)
    for (edge, next) in zip(edges, edges.dropFirst()) {
      #expect(edge.weight < next.weight || (edge.weight == next.weight && edge.pixel / 35 <= next.pixel / 35))
    }
    for edge in edges { #expect(abs(edge.pixel % 35 - edge.other % 35) <= 1) }
  }
}
