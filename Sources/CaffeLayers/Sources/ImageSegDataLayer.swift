import CaffeCore
import CaffeFormat
import CaffeGraph

/// Pictures and pictures of labels from a text file that lists pairs of them: semantic segmentation.
///
/// The reading is done by a data source outside of the compute program; the layer declares what it makes.
///
/// ```prototxt
/// layer {
///   name: "scenes" type: "ImageSegData" top: "data" top: "label"
///   image_data_param { source: "train.txt" batch_size: 4 shuffle: true label_type: PIXEL }
///   transform_param { crop_size: 473 mirror: true }
/// }
/// ```
///
/// - Dialect: DeepLab's and PSPNet's. A third top of DeepLab's, the size of each picture before padding, is N×1×1×2.
public struct ImageSegDataLayer: Layer {
  public static let type = "ImageSegData"
  public static let bottoms = 0...0
  public static let tops = 1...3
  public static let role = LayerRole.source
  private let parameters: ImageDataParameters
  private let transform: TransformationParameter
  private let topCount: Int

  public init(_ parameters: ImageDataParameters, in context: LayerContext) throws(LayerError) {
    try parameters.check()
    self.parameters = parameters
    transform = context.definition.transform ?? TransformationParameter()
    topCount = context.topCount
  }

  /// Tops: data N×C×H×W, labels N×1×H×W (N×1×1×1 for `label_type: IMAGE`), sizes N×1×1×2.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard let image = try parameters.imageShape(transform) else { return LayerSignature(tops: []) }
    return LayerSignature(tops: tops(givenFirst: image))
  }

  public func tops(givenFirst image: Shape) -> [Shape] {
    guard image.rank == 4 else { return [] }
    let isPerPixel = parameters.labelType ?? .PIXEL == .PIXEL
    let labels = Shape([image[0], 1, isPerPixel ? image[2] : 1, isPerPixel ? image[3] : 1])
    return Array([image, labels, Shape([image[0], 1, 1, 2])].prefix(topCount))
  }

  public func forward(_ io: ForwardIO) {}
}
