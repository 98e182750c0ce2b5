import CaffeTesting
import Foundation
import Testing

@testable import LayerPages

/// The pages of this checkout, as the generator makes them now.
enum Pages {
  static let root = URL(filePath: Checkout().path, directoryHint: .isDirectory)
  static let made = Result { try PageSet(root: root) }
  static let files = Result { try made.get().files() }

  /// An example and the layer whose comment has it.
  struct Example: Sendable, CustomTestStringConvertible {
    let type: String
    let text: String
    var testDescription: String { type }
  }

  /// Every example there is.
  static let examples: [Example] = {
    let layers = (try? made.get().layers) ?? []
    return layers.flatMap { layer in layer.comment.examples.map { Example(type: layer.facts.type, text: $0) } }
  }()
}
