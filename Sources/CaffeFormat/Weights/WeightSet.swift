import CaffeCore

/// The stored blobs of a net, layer by layer: the content of a caffemodel.
public struct WeightSet: Sendable {
  /// The blobs of one layer.
  public struct Layer: Sendable {
    public let name: String
    /// The layer's type where the file tells; empty otherwise.
    public let type: String
    public var blobs: [BlobRecord]

    public init(name: String, type: String = "", blobs: [BlobRecord]) {
      self.name = name
      self.type = type
      self.blobs = blobs
    }
  }

  /// The net's name in the file.
  public var name: String
  /// Layers that have blobs, in the file's order.
  public var layers: [Layer]

  public init(name: String = "", layers: [Layer] = []) {
    self.name = name
    self.layers = layers
  }

  /// The blobs of the layer of that name; where a file names it twice, the last counts, as in Caffe.
  public subscript(layer: String) -> [BlobRecord]? { layers.last { $0.name == layer }?.blobs }

  // What a caffemodel holds beside the blobs (the whole net) is not needed to read the weights, so it is not decoded:
  // a model with layers that nobody here knows still gives its weights.
  private static let schema: MessageSchema = {
    let blobs = FieldKind.message(BlobRecord.schema)
    let v0 = MessageSchema(
      "V0LayerParameter", [FieldSchema("name", 1, .string), FieldSchema("blobs", 50, blobs, repeated: true)])
    let v1 = MessageSchema(
      "V1LayerParameter",
      [
        FieldSchema("layer", 1, .message(v0)), FieldSchema("name", 4, .string),
        FieldSchema("type", 5, .enumeration(V1LayerType.schema)), FieldSchema("blobs", 6, blobs, repeated: true),
      ])
    let layer = MessageSchema(
      "LayerParameter",
      [FieldSchema("name", 1, .string), FieldSchema("type", 2, .string), FieldSchema("blobs", 7, blobs, repeated: true)])
    return MessageSchema(
      "NetParameter",
      [
        FieldSchema("name", 1, .string), FieldSchema("layers", 2, .message(v1), repeated: true),
        FieldSchema("layer", 100, .message(layer), repeated: true),
      ])
  }()

  /// Reads a `.caffemodel` of any age: today's layers, V1, V0 and mixtures of legacy blob shapes.
  ///
  /// The file stays mapped; values are copied when they are asked for.
  ///
  /// - Throws: `FileError`, `WireError` or `BlobError`.
  public static func read(path: String) throws -> WeightSet {
    let message = try WireReader.decode(try MappedFile(path: path), as: schema)
    var weights = WeightSet(name: message.string("name") ?? "")
    for entry in message.entries {
      guard let outer = entry.value.message else { continue }
      let layer = outer.last("layer")?.value.message ?? outer
      let name = layer.string("name") ?? outer.string("name") ?? ""
      let blobs = layer.messages("blobs")
      guard !blobs.isEmpty else { continue }
      let records = try blobs.enumerated().map { try BlobRecord($1, name: "\(path): layer \"\(name)\", blob \($0)") }
      weights.layers.append(Layer(name: name, type: typeName(layer), blobs: records))
    }
    guard !weights.layers.isEmpty || message.has("layer") || message.has("layers") else {
      throw BlobError(blob: path, reason: "the file holds no layers; is it a caffemodel?")
    }
    return weights
  }

  private static func typeName(_ layer: Message) -> String {
    layer.string("type") ?? layer.last("type")?.value.enumeration.flatMap(V1LayerType.type) ?? ""
  }

  /// Writes a `.caffemodel`.
  ///
  /// - Parameter definition: the upgraded net the weights belong to, which Caffe stores with them; nil writes names,
  ///   types and blobs only.
  /// - Throws: `FileError`.
  public func write(path: String, definition: Message? = nil) throws {
    try WireWriter.write(message(definition), path: path)
  }

  private func message(_ definition: Message?) -> Message {
    guard var net = definition else { return plainMessage }
    for index in net.entries.indices {
      guard var layer = net.entries[index].value.message, let blobs = layer.string("name").flatMap({ self[$0] }) else { continue }
      layer.remove("blobs")
      for blob in blobs { layer.append("blobs", .message(blob.message)) }
      net.entries[index].value = .message(layer)
    }
    return net
  }

  private var plainMessage: Message {
    var net = Message(WeightSet.schema)
    net.append("name", .string(name))
    guard case .message(let schema)? = net.schema.field(named: "layer")?.kind else { return net }
    for layer in layers {
      var message = Message(schema)
      message.append("name", .string(layer.name))
      if !layer.type.isEmpty { message.append("type", .string(layer.type)) }
      for blob in layer.blobs { message.append("blobs", .message(blob.message)) }
      net.append("layer", .message(message))
    }
    return net
  }
}
