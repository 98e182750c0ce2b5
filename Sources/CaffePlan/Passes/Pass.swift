import CaffeGraph

/// A rewriting of the program that changes speed or memory, never results beyond rounding.
public protocol Pass: Sendable {
  /// The name that `--without-pass` takes.
  static var name: String { get }
  /// What it does, in a line.
  static var summary: String { get }
  static func run(_ program: inout Program)
}

/// The passes: `rewriting` holds those that rewrite the program, in the order they run; the named ones below ask the backends, or act
/// while the plan is laid out.
public enum Passes {
  public static let rewriting: [any Pass.Type] = [
    DropIdentities.self, FoldBatchNorm.self, FuseSum.self, FuseReLU.self, PoolFirst.self,
  ]
  /// Compute a depthwise convolution where the 1x1 convolution behind it reads it, if a backend can.
  public static let joinSeparable = "join-separable"
  /// Compute 1x1 convolutions of the same blob together, if a backend can.
  public static let joinSiblings = "join-siblings"
  /// Keep a backend's layout from one operation to the next.
  public static let keepLayouts = "keep-layouts"
  /// Let the inputs of a Concat be written where the Concat would copy them.
  public static let concatInPlace = "concat-in-place"
  /// Share out batches image by image.
  public static let imageByImage = "image-by-image"
  /// Compute 3x3 and 5x5 convolutions with fewer multiplications.
  public static let winograd = "winograd"
  /// Give memory on as soon as its value has been read for the last time.
  public static let shareMemory = "share-memory"

  public static var names: [String] {
    rewriting.map { $0.name } + [joinSeparable, joinSiblings, keepLayouts, concatInPlace, imageByImage, winograd, shareMemory]
  }
}
