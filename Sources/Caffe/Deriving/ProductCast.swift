import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers

/// One inner product as a convolution.
struct ProductCast {
  let old: String
  let new: String
  /// C, H and W of what the inner product reads: the kernels' shape.
  private let kernel: [Int]
  private let outputs: Int
  private let isTransposed: Bool

  /// - Throws: `WeightSurgeryError` when the layer reads something else than C×H×W or C values an item.
  init(_ node: ShapedGraph.Node, bottom: Shape, suffix: String) throws(WeightSurgeryError) {
    let parameters = node.definition.parameters(InnerProductParameters.self)
    guard parameters.axis == 1, bottom.rank == 2 || bottom.rank == 4 else {
      throw WeightSurgeryError(
        "\(node.definition.title) reads \(bottom) from axis \(parameters.axis) on; a convolution needs NxC or NxCxHxW and axis 1")
    }
    old = node.definition.name
    new = old + suffix
    kernel = Array(bottom.dims.dropFirst()) + (bottom.rank == 2 ? [1, 1] : [])
    outputs = parameters.numOutput
    isTransposed = parameters.transpose
  }

  /// The layer's message as a convolution's.
  func message(_ product: Message) -> Message {
    var layer = Message(product.schema)
    for entry in product.entries where !["inner_product_param", "blobs"].contains(entry.field.name) {
      switch entry.field.name {
      case "name": layer.append("name", .string(new))
      case "type": layer.append("type", .string(ConvolutionLayer.type))
      default: layer.append(entry.field.name, entry.value)
      }
    }
    let old = product.last("inner_product_param")?.value.message
    layer.modify("convolution_param") { parameter in
      for name in ["num_output", "bias_term"] { if let entry = old?.last(name) { parameter.append(name, entry.value) } }
      for name in kernel[1] == kernel[2] ? ["kernel_size"] : ["kernel_h", "kernel_w"] {
        parameter.append(name, .unsigned(UInt64(kernel[name == "kernel_w" ? 2 : 1])))
      }
      for name in ["weight_filler", "bias_filler"] { if let entry = old?.last(name) { parameter.append(name, entry.value) } }
    }
    return layer
  }

  /// The weights with this layer's under its new name: the same numbers, as filters.
  ///
  /// - Throws: `WeightSurgeryError` when the layer has no weights, or others than the net says.
  func applied(to weights: WeightSet) throws(WeightSurgeryError) -> WeightSet {
    guard let blobs = weights[old], let matrix = blobs.first else {
      throw WeightSurgeryError("there are no weights for the layer \"\(old)\"")
    }
    let inputs = kernel.reduce(1, *)
    guard matrix.shape.count == outputs * inputs else {
      throw WeightSurgeryError("the weights of \"\(old)\" have the shape \(matrix.shape), the net asks for \(outputs)x\(inputs)")
    }
    let filters = BlobRecord(
      shape: Shape([outputs] + kernel), data: isTransposed ? NumberRun(transposed(matrix.data.floats)) : matrix.data)
    var result = weights
    result.layers = weights.layers.map { layer in
      guard layer.name == old else { return layer }
      return WeightSet.Layer(name: new, type: ConvolutionLayer.type, blobs: [filters] + layer.blobs.dropFirst())
    }
    return result
  }

  /// K×N numbers as N×K.
  private func transposed(_ values: [Float]) -> [Float] {
    let inputs = kernel.reduce(1, *)
    return (0..<outputs).flatMap { output in (0..<inputs).map { values[$0 * outputs + output] } }
  }
}
