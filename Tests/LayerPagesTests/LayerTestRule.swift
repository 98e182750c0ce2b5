import CaffeGraph

@testable import LayerPages

/// What the test of a layer has to have: a file of its own, which calls the checks of `LayerCheck` (among them that of the gradient),
/// or says why it does not in a line `/// No gradient check: ` and at least three words. Layers of data may share a file.
struct LayerTestRule {
  /// The text of the test of data layers that have no file of their own.
  let shared: String

  private static let checks = ["LayerCheck.all(", "LayerCheck("]
  private static let reason = "/// No gradient check: "

  /// What the test of a layer lacks; nil when nothing.
  ///
  /// - Parameter own: the text of the layer's own test file, where there is one.
  func problem(_ type: String, role: LayerRole, own: String?) -> String? {
    let isOfData = role == .source || role == .sink
    let text = own ?? (isOfData && shared.contains("type: '\(type)'") ? shared : nil)
    guard let text else {
      return
        "\(type) has no Tests/CaffeLayersTests/\(type)LayerTests.swift\(isOfData ? ", nor is it in SourceLayerTests.swift" : "")"
    }
    guard LayerTestRule.checks.contains(where: text.contains) || LayerTestRule.hasReason(text) else {
      return "the test of \(type) neither calls LayerCheck nor says why in a line \"\(LayerTestRule.reason)<reason>\""
    }
    return nil
  }

  private static func hasReason(_ text: String) -> Bool {
    text.split(separator: "\n").contains { line in
      let line = line.drop { $0 == " " }
      return line.hasPrefix(reason) && line.dropFirst(reason.count).split(separator: " ").count >= 3
    }
  }
}
