import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `hdf5_output_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct HDF5OutputParameters: LayerParameters {
  /// The file that is written.
  public var fileName: String?
  public init() {}
  public static let messageName = "HDF5OutputParameter"
  public static let fields: [Field<HDF5OutputParameters>] = [Field("file_name", 1, \.fileName)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("hdf5_output_param", 113, v1: 14, schema)
}

/// Writes two blobs to an HDF5 file, as its datasets `data` and `label`.
///
/// The values of each pass are added behind those of the pass before, and the file appears when `caffe test` or `caffe train`
/// ends; a program takes them with `OutputFiles`. The writing is done outside of the compute program; the layer declares what it takes.
///
/// ```prototxt
/// # scores: 4x3
/// # label: 4 labels 3
/// layer { name: "keep" type: "HDF5Output" bottom: "scores" bottom: "label" hdf5_output_param { file_name: "scores.h5" } }
/// ```
///
/// - Difference: Caffe 1.0 fails in the second pass, because the datasets exist.
public struct HDF5OutputLayer: Layer {
  public static let type = "HDF5Output"
  public static let bottoms = 2...2
  public static let tops = 0...0
  public static let role = LayerRole.sink

  public init(_ parameters: HDF5OutputParameters, in context: LayerContext) throws(LayerError) {
    guard let name = parameters.fileName, !name.isEmpty else {
      throw LayerError("file_name is missing: where to?", field: "hdf5_output_param")
    }
  }

  /// N×… and N×…: as many items of each.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].dims.first == bottoms[1].dims.first else {
      throw ShapeError("both bottoms must have as many items (axis 0)")
    }
    return LayerSignature(tops: [])
  }

  public func forward(_ io: ForwardIO) {}
}
