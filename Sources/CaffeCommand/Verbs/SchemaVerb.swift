import ArgumentParser
import CaffeFormat
import CaffeGraph
import CaffeLayers

struct SchemaVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the message schema as a .proto file, for protoc and other languages.",
    discussion: "Example: caffe schema > caffe.proto")

  func run() {
    let schema = LayerRegistry.standard.schema
    print(ProtoPrinter.print(schema.net, schema.solver, Datum.schema), terminator: "")
  }
}
