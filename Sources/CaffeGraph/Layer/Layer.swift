import CaffeCore
import CaffeFormat

/// What a layer is: an immutable value that knows its shapes and its mathematics, and neither memory nor backend.
///
/// One file holds a layer's parameters, its shape rule, and its reference forward and backward on dense row-major
/// memory. Faster kernels live in backends and are compared with this reference by the tests.
public protocol Layer: Sendable {
  associatedtype Parameters: LayerParameters = NoParameters
  /// The `type:` of prototxt.
  static var type: String { get }
  /// How many bottoms the layer takes.
  static var bottoms: ClosedRange<Int> { get }
  /// How many tops the layer makes.
  static var tops: ClosedRange<Int> { get }
  /// Where the values of its tops come from.
  static var role: LayerRole { get }

  /// Checks the parameters as far as they can be checked without shapes.
  ///
  /// - Throws: `LayerError` naming the field that is wrong.
  init(_ parameters: Parameters, in context: LayerContext) throws(LayerError)

  /// Everything that follows from the shapes of the bottoms.
  ///
  /// - Throws: `ShapeError` when the layer cannot take such bottoms.
  func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature

  /// Computes the tops from the bottoms.
  func forward(_ io: ForwardIO)

  /// Sets the gradients of the bottoms and adds to the gradients of the weights.
  func backward(_ io: BackwardIO)

  /// All tops of a layer of data, given the shape of the first: what somebody who has not got the data says about it.
  ///
  /// - Returns: as many shapes as the layer has tops, or none where the first does not tell the others.
  func tops(givenFirst shape: Shape) -> [Shape]

  /// Whether a gradient may flow into a bottom; labels refuse it.
  func allowsGradient(toBottom index: Int) -> Bool
}

extension Layer {
  public static var role: LayerRole { .compute }
  public func allowsGradient(toBottom index: Int) -> Bool { true }
  public func tops(givenFirst shape: Shape) -> [Shape] { [] }
  public func backward(_ io: BackwardIO) {}
}

/// Where the values of a layer's tops come from.
public enum LayerRole: Sendable {
  /// The layer computes them.
  case compute
  /// The layer computes them, its first top is an objective with loss weight 1 unless the file says otherwise.
  case loss
  /// The caller of the net gives them.
  case input
  /// A data source outside the compute program gives them.
  case source
  /// It has none: what it takes is written down outside the compute program.
  case sink
}

/// A layer's parameter message, tied to its place in LayerParameter.
public protocol LayerParameters: ProtoMessage {
  /// The field of LayerParameter that holds this message; nil for layers without parameters.
  static var placement: LayerField? { get }
}

/// The parameters of a layer that has none.
public struct NoParameters: LayerParameters {
  public init() {}
  public static let messageName = "NoParameters"
  public static let fields: [Field<NoParameters>] = []
  public static let schema = makeSchema()
  public static var placement: LayerField? { nil }
}

/// What a layer may know about the net around it.
public struct LayerContext: Sendable {
  public let definition: LayerDefinition
  public let phase: Phase
  /// Whose Caffe the file was written for, for names that forks gave to different things.
  public let dialect: Dialect

  public init(definition: LayerDefinition, phase: Phase, dialect: Dialect = .any) {
    self.definition = definition
    self.phase = phase
    self.dialect = dialect
  }

  public var bottomCount: Int { definition.bottoms.count }
  public var topCount: Int { definition.tops.count }
}

/// A parameter that a layer cannot accept.
public struct LayerError: Error, Sendable, CustomStringConvertible {
  public let description: String
  /// The prototxt field to point at.
  public let field: String?

  public init(_ description: String, field: String? = nil) {
    self.description = description
    self.field = field
  }
}
