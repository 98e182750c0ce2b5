import Testing

/// No gradient check: its tops come from a database, not from other blobs.
@Suite("Data")
struct DataLayerTests {
  private static func mistake(_ parameters: String) -> String {
    OneLayer.mistake("type: 'Data' data_param { \(parameters) }", [:], tops: ["data", "label"]) ?? "none"
  }

  @Test("says which of its settings is missing")
  func settings() {
    #expect(Self.mistake("batch_size: 4 backend: LMDB").contains("source is missing: which database?"))
    #expect(Self.mistake("source: 'db' backend: LMDB").contains("batch_size must be at least 1"))
  }

  @Test("makes no shapes up when nobody opens its database")
  func shapes() {
    #expect(Self.mistake("source: 'db' batch_size: 4").contains("the shape of \"data\" is not known without it"))
  }
}
