import ArgumentParser
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers

struct SchemaVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the message schema as a .proto file, for protoc and other languages.",
    discussion: "Example: caffe schema > caffe.proto\n         caffe schema --layer Pooling")

  @Option(help: ArgumentHelp("Print the parameters of one layer only, and the messages in them.", valueName: "type"))
  var layer: String?

  func run() throws {
    let registry = LayerRegistry.standard
    guard let layer else {
      let schema = registry.schema
      return print(ProtoPrinter.print(schema.net, schema.solver, Datum.schema), terminator: "")
    }
    guard registry[layer] != nil else {
      let near = nearest(to: layer, among: registry.typeNames).map { ", did you mean \"\($0)\"?" } ?? ""
      throw ValidationError("there is no layer \"\(layer)\"\(near)")
    }
    guard let field = registry.parameterField(of: layer) else { return print("// \(layer) has no parameters of its own") }
    print("// LayerParameter.\(field.name) = \(field.number)")
    print(ProtoPrinter.print(field.schema), terminator: "")
  }
}
