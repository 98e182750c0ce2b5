/// How much a drawing shows.
public enum DrawStyle: String, Sendable, CaseIterable {
  /// Layers and, between them, blobs with their shapes: Caffe's way.
  case blobs
  /// Layers only, each with the shape of what it makes (without the batch's axis): for overviews.
  case layers
}
