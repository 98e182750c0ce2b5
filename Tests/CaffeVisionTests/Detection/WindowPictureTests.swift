import CaffeData
import CaffeVision
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("A picture with its objects drawn")
struct WindowPictureTests {
  /// The boxes of the captions: x, y, width, height.
  private static func captions(_ svg: String) -> [[Double]] {
    svg.matches(of: #/<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)" rx/#).map { match in
      [match.1, match.2, match.3, match.4].compactMap { Double($0) }
    }
  }

  @Test("captions lie in the picture, whatever its size", arguments: [(30, 20), (500, 375), (16, 900), (5000, 300)])
  func places(width: Int, height: Int) throws {
    let image = try Image(width: width, height: height, channels: 3, pixels: [UInt8](repeating: 9, count: width * height * 3))
    let windows = [
      PictureWindow(minY: 0, minX: 0, maxY: Double(height), maxX: Double(width)),
      PictureWindow(minY: Double(height) - 3, minX: Double(width) - 3, maxY: Double(height) + 50, maxX: Double(width) + 50),
    ]
    let svg = try WindowPicture(image, windows.map { .init(window: $0, name: "a <name> & more", score: "0.99", group: -3) }).svg()
    let size = try #require(svg.firstMatch(of: #/viewBox="0 0 ([\d.]+) ([\d.]+)"/#))
    let (right, bottom) = (try #require(Double(size.1)), try #require(Double(size.2)))
    #expect(max(right, bottom) >= 640 && max(right, bottom) <= 2400)
    let boxes = Self.captions(svg)
    #expect(boxes.count == 2)
    for box in boxes {
      #expect(
        box[0] >= 0 && box[1] >= 0 && box[0] + box[2] <= right + 0.01 && box[1] + box[3] <= bottom + 0.01,
        "\(box) in \(right)x\(bottom)")
    }
    #expect(!svg.contains("<name>") && svg.matches(of: #/ 0.99</#).count == 2)
    #expect(XMLParser(data: Data(svg.utf8)).parse())
  }

  @Test("captions of one window stand below each other, the best first")
  func sameWindow() throws {
    let image = try Image(width: 640, height: 480, channels: 3, pixels: [UInt8](repeating: 9, count: 640 * 480 * 3))
    let window = PictureWindow(minY: 100, minX: 50, maxY: 300, maxX: 300)
    let captions = ["first", "second", "third"].map { WindowPicture.Caption(window: window, name: $0, score: "1", group: 1) }
    let boxes = Self.captions(try WindowPicture(image, captions).svg())
    #expect(boxes.count == 3 && boxes[0][1] < boxes[1][1] && boxes[1][1] < boxes[2][1])
    for (upper, lower) in zip(boxes, boxes.dropFirst()) { #expect(upper[1] + upper[3] <= lower[1] + 0.02, "\(boxes)") }
  }
}
