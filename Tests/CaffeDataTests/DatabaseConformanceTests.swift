import CaffeCore
import CaffeData
import CaffeFormat
import CaffeHDF5
import Testing

/// The part of data_param that these cases use; the layer's own struct lies in a higher room.
private struct SourceParameters: ProtoMessage {
  var source = ""
  var batchSize = 0
  var backend = 0
  init() {}
  static let messageName = "DataParameter"
  static let fields: [Field<SourceParameters>] = [
    Field("source", 1, \.source), Field("batch_size", 4, \.batchSize, as: .uint32),
  ]
  private static let backends = EnumSchema("DB", [("LEVELDB", 0), ("LMDB", 1)])
  static let schema = MessageSchema(
    messageName, fields.map(\.schema) + [FieldSchema("backend", 8, .enumeration(backends))])
}

/// Batches that Caffe itself made of the same databases.
@Suite("Databases as Caffe reads them", .enabled(if: SharedData.isPresent, "the conformance data lies beside the checkout"))
struct DatabaseConformanceTests {
  @Test(
    "the first batches are equal, bit for bit",
    arguments: ["data_lmdb", "data_leveldb", "data_encoded", "data_gray", "data_meanvalues", "data_mean_crop"])
  func batches(_ name: String) throws {
    let source = try DatabaseSource(Self.configuration(name))
    let reader = try HDF5Reader(path: "\(SharedData.conformance)/\(name).h5")
    let count = try reader.children(of: "/").count
    #expect(count > 0)
    for index in 0..<count {
      let batch = try source.next()
      let data = try reader.tensor("batch_\(index)/data")
      #expect(batch.data.shape == data.shape)
      #expect(try batch.labels.values == reader.tensor("batch_\(index)/label").values)
      let worst = zip(batch.data.values, data.values).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
      #expect(worst == 0)
    }
  }

  private static func configuration(_ name: String) throws -> DatabaseConfiguration {
    let schema = NetSchema(layerFields: [LayerField("data_param", 107, SourceParameters.schema)])
    let path = "\(SharedData.conformance)/\(name).prototxt"
    let net = try TextParser.parse(SourceFile(name: path, bytes: FileBytes.read(path, limit: 1 << 20)), as: schema.net)
    let layer = try #require(net.messages("layer").first)
    let parameters = SourceParameters(try #require(layer.last("data_param")?.value.message))
    var configuration = DatabaseConfiguration(
      path: "\(SharedData.conformance)/\(parameters.source)", batchSize: parameters.batchSize, phase: .TEST)
    if let transform = layer.last("transform_param")?.value.message {
      configuration.transform = TransformationParameter(transform)
      configuration.transform.meanFile = configuration.transform.meanFile.map { "\(SharedData.conformance)/\($0)" }
    }
    return configuration
  }
}
