import CaffeCore
import CaffeGraph

/// A drawing in Graphviz's DOT language. The same drawing gives the same text.
public struct DotText: Sendable {
  private let drawing: NetDrawing
  private let direction: DrawDirection
  private let style: DrawStyle

  public init(_ drawing: NetDrawing, direction: DrawDirection = .leftToRight, style: DrawStyle = .blobs) {
    self.drawing = drawing
    self.direction = direction
    self.style = style
  }

  /// The text.
  public var text: String {
    let boxes = drawing.boxes.indices.map(box)
    let rest = style == .blobs ? blobs + blobEdges : layerEdges
    return "digraph \(DotText.quoted(drawing.name)) {\n" + (settings + boxes + rest).map { "  \($0)\n" }.joined() + "}\n"
  }

  private var settings: [String] {
    [
      "graph [rankdir=\(direction.rawValue), bgcolor=\"transparent\", ranksep=0.35, nodesep=0.22, pad=0.15]",
      "node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=12, fontcolor=\"#1c232b\", "
        + "margin=\"0.14,0.08\", penwidth=1.2]",
      "edge [color=\"#7b8494\", arrowsize=0.65, penwidth=1.1]",
    ]
  }

  private func box(_ index: Int) -> String {
    let box = drawing.boxes[index]
    let kind = LayerKind(type: box.layers[0].type)
    return "layer\(index) [fillcolor=\"\(kind.fill)\", color=\"\(kind.line)\", label=<\(label(box))>]"
  }

  /// The name in bold, then the type with its parameters, then the layers in place.
  private func label(_ box: NetDrawing.Box) -> String {
    let first = box.layers[0]
    var lines = ["<b>\(DotText.escaped(first.name))</b>", DotText.small(first.type)]
    let caption = LayerCaption.text(first)
    if !caption.isEmpty { lines.append(DotText.small(caption)) }
    for layer in box.layers.dropFirst() {
      let caption = LayerCaption.text(layer)
      lines.append(DotText.small("+ \(layer.type)" + (caption.isEmpty ? "" : " (\(caption))")))
    }
    if style == .layers, let blob = box.tops.first, let shape = shape(of: blob, withoutBatch: true) {
      lines.append("<font point-size=\"10\" color=\"#48525e\">\(DotText.escaped(shape))</font>")
    }
    return lines.joined(separator: "<br/>")
  }

  private var blobs: [String] {
    drawing.blobs.indices.map { index in
      let name = "<font point-size=\"11\">\(DotText.escaped(drawing.blobs[index].name))</font>"
      let shape = shape(of: index, withoutBatch: false).map {
        "<br/><font point-size=\"10\" color=\"#48525e\">\(DotText.escaped($0))</font>"
      }
      return "blob\(index) [shape=ellipse, style=filled, fillcolor=\"#ffffff\", color=\"#b4bbc5\", margin=\"0.04,0.03\", "
        + "label=<\(name)\(shape ?? "")>]"
    }
  }

  private var blobEdges: [String] {
    drawing.boxes.enumerated().flatMap { index, box in
      box.bottoms.map { "blob\($0) -> layer\(index)" } + box.tops.map { "layer\(index) -> blob\($0)" }
    }
  }

  private var layerEdges: [String] {
    drawing.boxes.enumerated().flatMap { index, box in
      box.bottoms.flatMap { blob in drawing.blobs[blob].producers.map { "layer\($0) -> layer\(index)" } }
    }
  }

  private func shape(of blob: Int, withoutBatch: Bool) -> String? {
    guard let shape = drawing.shapes[drawing.blobs[blob].name], shape.rank > 0 else { return nil }
    return shape.dims.dropFirst(withoutBatch && shape.rank > 1 ? 1 : 0).map(String.init).joined(separator: "×")
  }

  private static func small(_ text: String) -> String { "<font point-size=\"10.5\">\(escaped(text))</font>" }

  /// Text for an HTML-like label: nothing in it is markup, and nothing in it steers a terminal.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in shortened(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(isHidden(scalar) ? "?" : scalar)
      }
    }
    // Graphviz takes a label without text for no label.
    return result.isEmpty ? " " : result
  }

  /// A quoted identifier.
  private static func quoted(_ text: String) -> String {
    var result = ""
    for scalar in shortened(text).unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(isHidden(scalar) ? "?" : scalar)
    }
    return "\"\(result)\""
  }

  /// A box of a thousand letters helps nobody.
  private static func shortened(_ text: String) -> String { text.count > 120 ? text.prefix(119) + "…" : text }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
