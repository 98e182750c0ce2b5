import CaffeCore

/// One record of a training database: an image or a feature vector with its label.
public struct Datum: ProtoMessage, Equatable {
  public var channels = 0
  public var height = 0
  public var width = 0
  /// C×H×W bytes, or an encoded image when `encoded`.
  public var data: [UInt8] = []
  public var label = 0
  /// C×H×W floats, used when `data` is empty.
  public var floatData: [Float] = []
  public var encoded = false
  public init() {}
  public static let messageName = "Datum"
  public static let fields: [Field<Datum>] = [
    Field("channels", 1, \.channels), Field("height", 2, \.height), Field("width", 3, \.width), Field("data", 4, \.data),
    Field("label", 5, \.label), Field("float_data", 6, \.floatData), Field("encoded", 7, \.encoded),
  ]
  public static let schema = makeSchema()

  /// Decodes one record.
  ///
  /// - Parameter name: what errors call it: the database and the key.
  /// - Throws: `WireError`.
  public init(bytes: UnsafeRawBufferPointer, name: String) throws {
    self.init(try WireReader.decode(bytes, as: Datum.schema, name: name))
  }

  /// The record's encoded form.
  public var bytes: [UInt8] { WireWriter.bytes(message) }
}
