import CaffeData
import CaffeLayers

/// An object that was found in a picture.
public struct Detection: Sendable, Equatable {
  /// The class, counted from 0 as the net's outputs are.
  public let index: Int
  /// The net's output for it.
  public let score: Float
  /// Where it is.
  public let window: PictureWindow

  public init(index: Int, score: Float, window: PictureWindow) {
    (self.index, self.score, self.window) = (index, score, window)
  }
}

/// How the area of a window is counted where overlaps are measured.
public enum AreaConvention: String, Sendable, CaseIterable {
  /// ymax − ymin times xmax − xmin, as in Caffe's detection example.
  case exact
  /// Both with 1 added: R-CNN's rule for corners that are pixels inside the box, for lists of windows that have such maxima.
  case plusOne = "plus-one"

  var extent: Box.Extent { self == .exact ? .points : .pixels }
}

extension PictureWindow {
  var box: Box { Box(Float(minX), Float(minY), Float(maxX), Float(maxY)) }
}
