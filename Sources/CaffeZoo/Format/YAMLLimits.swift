/// How much YAML from outside is read.
public struct YAMLLimits: Sendable {
  /// The most bytes of text.
  public var bytes: Int
  /// The most collections inside each other.
  public var depth: Int
  /// The most scalars and collections.
  public var nodes: Int

  public init(bytes: Int, depth: Int, nodes: Int) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }

  /// For a readme's front matter: 64 KiB, 8 deep, 4,096 nodes.
  public static let frontMatter = YAMLLimits(bytes: 64 << 10, depth: 8, nodes: 4096)
  /// For an index of models: 4 MiB, 8 deep, 200,000 nodes.
  public static let index = YAMLLimits(bytes: 4 << 20, depth: 8, nodes: 200_000)
}
