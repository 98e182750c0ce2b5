/// Colours of the report's pictures, readable on light and on dark ground and told apart by the colour-blind.
enum ChartPalette {
  /// Lines with colours of their own; after them the first comes again.
  static let count = light.count

  private static let light = ["#0b62b8", "#c2500a", "#10795a", "#8c3fa0", "#7a6a00"]
  private static let dark = ["#6cb4ff", "#ff9d57", "#4fd0a3", "#d79bea", "#d9c74a"]

  /// A style sheet that follows the reader's choice of light or dark.
  static var style: String {
    """
    <style>
    .ground { fill: #ffffff } text { fill: #333a42 } .grid { stroke: #e3e6ea } .axis { stroke: #8a929b }
    .wrong { fill: #b3261e; font-weight: 600 } .miss { stroke: #b3261e } .tile { stroke: #c6ccd2 }
    .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round } .none { fill: none }
    \(rules(light))
    @media (prefers-color-scheme: dark) {
    .ground { fill: #15191e } text { fill: #d5dae0 } .grid { stroke: #2b323a } .axis { stroke: #78818b }
    .wrong { fill: #ff8a80 } .miss { stroke: #ff8a80 } .tile { stroke: #48515b }
    \(rules(dark))
    }
    </style>
    """
  }

  private static func rules(_ colours: [String]) -> String {
    colours.enumerated().map { ".s\($0) { stroke: \($1) } .f\($0) { fill: \($1) }" }.joined(separator: "\n")
  }
}
