import Caffe
import CaffeCore
import CaffeFormat
import CaffeHDF5
import CaffeTesting
import CaffeTraining
import Foundation
import Testing

/// What Caffe itself made of the same databases and lists, through the same door as `caffe test`.
@Suite("Data layers as Caffe reads them", .enabled(if: Checkout().shared != nil, "\(Checkout.sharedReason)"))
struct DataLayerCaseTests {
  /// Every case that lies there, so that none is forgotten.
  static let cases: [String] = {
    guard let shared = Checkout().shared else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: shared + "/conformance/data")) ?? []
    return names.filter { $0.hasSuffix(".prototxt") }.map { String($0.dropLast(".prototxt".count)) }.sorted()
  }()

  @Test("databases exactly, pictures within 1 of 255", arguments: cases)
  func batches(name: String) throws {
    let folder = try #require(Checkout().shared) + "/conformance/data"
    let path = "\(folder)/\(name).prototxt"
    let net = try NetWorkshop(file: path).build(net: path, phase: .TEST, purpose: .inference)
    let feed = try #require(net.feed)
    let expected = try HDF5Reader(path: "\(folder)/\(name).h5")
    let count = try expected.children(of: "/").count
    #expect(count > 0)
    let isDatabase = name.hasPrefix("data_")
    for index in 0..<count {
      try feed.fill(net.session)
      try net.session.forward()
      for blob in ["data", "label"] {
        let values = try expected.tensor("batch_\(index)/\(blob)").values
        let found = try #require(net.session.output(blob)).values
        #expect(found.count == values.count)
        let differences = zip(found, values).map { abs($0 - $1) }
        let mean = differences.reduce(0.0) { $0 + Double($1) } / Double(differences.count)
        #expect((differences.max() ?? 1) <= (isDatabase || blob == "label" ? 0 : 1), "\(name) \(blob) \(index)")
        #expect(mean < 0.1, "\(name) \(blob) \(index)")
      }
    }
  }
}
