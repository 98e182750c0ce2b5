import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("BoxAnnotatorOHEM")
struct BoxAnnotatorOHEMLayerTests {
  @Test("keeps the contract of layers, and lets no gradient through its choice", arguments: [1, 3])
  func contract(count: Int) throws {
    let settings = "type: 'BoxAnnotatorOHEM' box_annotator_ohem_param { roi_per_img: \(count) }"
    let flat = LayerCheck.net(settings, ["r": [7, 5], "c": [7], "l": [7], "w": [7, 8]], tops: ["y", "z"])
    try LayerCheck.all(flat, values: ["r": .labels(below: 3)], unseeded: ["y", "z"])
    let places = LayerCheck.net(
      settings, ["r": [2, 5, 3, 4], "c": [2, 1, 3, 4], "l": [2, 1, 3, 4], "w": [2, 8, 3, 4]], tops: ["y", "z"])
    try LayerCheck.all(places, values: ["r": .labels(below: 3)], unseeded: ["y", "z"])
  }

  private static func layer(_ parameters: String, images: [Float], losses: [Float]) throws -> OneLayer {
    let count = images.count
    return try OneLayer(
      "type: 'BoxAnnotatorOHEM' box_annotator_ohem_param { \(parameters) }",
      [
        "r": .of([count, 5], images.flatMap { [$0, 0, 0, 9, 9] }), "c": .of([count], losses),
        "l": .of([count], (1...count).map { Float($0) }), "w": .of([count, 2], (1...2 * count).map { Float($0) }),
      ], tops: ["y", "z"])
  }

  @Test("keeps the hardest of each image, of equal ones the first")
  func values() throws {
    let one = try Self.layer("roi_per_img: 1", images: [0, 0, 1, 0, 1, 1], losses: [0.1, 0.5, 0.3, 0.5, 0.9, 0.2])
    #expect(try one.forward() == [-1, 2, -1, -1, 5, -1])
    #expect(one.top("y")?.shape == [6, 1, 1, 1])
    #expect(one.top("z")?.values == [0, 0, 3, 4, 0, 0, 0, 0, 9, 10, 0, 0])
    let two = try Self.layer(
      "roi_per_img: 2 ignore_label: 255", images: [0, 0, 1, 0, 1, 1], losses: [0.1, 0.5, 0.3, 0.5, .nan, 0.2])
    #expect(try two.forward() == [255, 2, 3, 4, 255, 6])
  }

  @Test("gives the bottoms no gradient")
  func backward() throws {
    let layer = try Self.layer("roi_per_img: 1", images: [0, 0], losses: [1, 2])
    _ = try layer.forward()
    #expect(try layer.backward("c", from: [1, 1]) == [0, 0])
  }

  @Test("ends with an error that names a region of no image", arguments: [-1, Float.nan])
  func faults(image: Float) throws {
    let layer = try Self.layer("roi_per_img: 1", images: [0, image], losses: [1, 2])
    let error = #expect(throws: RunError.self) { try layer.forward() }
    #expect(error?.description == "layer \"layer\" (BoxAnnotatorOHEM): region 1 lies in image \(image), which cannot be")
  }

  @Test("refuses lists of unlike lengths")
  func mistakes() {
    func mistake(_ parameters: String, _ losses: Shape = [6], _ labels: Shape = [6], _ weights: Shape = [6, 8]) -> String {
      OneLayer.mistake(
        "type: 'BoxAnnotatorOHEM' box_annotator_ohem_param { \(parameters) }",
        ["r": [6, 5], "c": losses, "l": labels, "w": weights], tops: ["y", "z"]) ?? "none"
    }
    #expect(mistake("").contains("roi_per_img must be at least 1"))
    #expect(mistake("roi_per_img: 1", [5]).contains("6 regions need 6 losses, found 5"))
    #expect(mistake("roi_per_img: 1", [6], [7, 1]).contains("6 regions need 6 labels, found 7x1"))
    #expect(mistake("roi_per_img: 1", [6], [6], [5, 8]).contains("need weights of as many items and places, found 5x8"))
  }
}
