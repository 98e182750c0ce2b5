/// Which way a drawn net runs: Graphviz's `rankdir`.
public enum DrawDirection: String, Sendable, CaseIterable {
  /// From left to right.
  case leftToRight = "LR"
  /// From right to left.
  case rightToLeft = "RL"
  /// From top to bottom.
  case topToBottom = "TB"
  /// From bottom to top, as Caffe's papers draw nets.
  case bottomToTop = "BT"
}
