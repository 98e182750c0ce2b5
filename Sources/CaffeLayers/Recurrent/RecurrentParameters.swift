import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `recurrent_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct RecurrentParameters: LayerParameters {
  /// H, the size of the hidden state, at least 1.
  public var numOutput = 0
  /// First values of all matrices; 0 when absent.
  public var weightFiller = FillerParameter()
  /// First values of all biases; 0 when absent.
  public var biasFiller = FillerParameter()
  /// Lets Caffe print its unrolled net; read and kept, there is none here.
  public var debugInfo = false
  /// Whether the hidden state comes from bottoms and goes to tops instead of being carried from batch to batch.
  public var exposeHidden = false
  public init() {}
  public static let messageName = "RecurrentParameter"
  public static let fields: [Field<RecurrentParameters>] = [
    Field("num_output", 1, \.numOutput, as: .uint32), Field("weight_filler", 2, \.weightFiller),
    Field("bias_filler", 3, \.biasFiller), Field("debug_info", 4, \.debugInfo), Field("expose_hidden", 5, \.exposeHidden),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("recurrent_param", 146, schema)

  /// Refuses sizes and numbers of blobs that a layer with so many blobs of hidden state cannot have.
  ///
  /// - Throws: `LayerError` naming the field.
  func check(_ context: LayerContext, hidden: [String]) throws(LayerError) {
    guard numOutput > 0 else { throw LayerError("num_output must be at least 1", field: "num_output") }
    let exposed = exposeHidden ? hidden : []
    let names = ["x", "cont"] + exposed.map { "\($0)0" }
    guard context.bottomCount == names.count || context.bottomCount == names.count + 1 else {
      throw LayerError(
        "needs the bottoms \(names.joined(separator: ", ")) and possibly x_static after cont, \(context.bottomCount) given",
        field: "bottom")
    }
    guard context.topCount == 1 + exposed.count else {
      let tops = (["the outputs"] + exposed.map { "\($0)T" }).joined(separator: ", ")
      throw LayerError("needs \(1 + exposed.count) top(s): \(tops); \(context.topCount) given", field: "top")
    }
  }
}
