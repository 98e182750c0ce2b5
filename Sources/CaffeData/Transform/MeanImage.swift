import CaffeCore
import CaffeFormat

/// The mean picture of a training set: what Caffe keeps in a `mean.binaryproto`.
public struct MeanImage: Sendable, Equatable {
  /// C×H×W means.
  public let tensor: Tensor

  /// - Parameter tensor: C×H×W means.
  /// - Throws: `ShapeError` when it has other axes or no elements.
  public init(_ tensor: Tensor) throws(ShapeError) {
    guard tensor.shape.rank == 3, tensor.shape.count > 0 else {
      throw ShapeError("a mean image has the axes C, H and W; this one has the shape \(tensor.shape)")
    }
    self.tensor = tensor
  }

  /// Reads a file of one BlobProto, of the shape C×H×W or 1×C×H×W.
  ///
  /// - Throws: `FileError`, `WireError` or `BlobError` when it is no such file, `DataFileError` when the shape is another.
  public init(contentsOf path: String) throws {
    let blob = try BlobRecord.read(path: path)
    let dims = blob.shape.dims
    do throws(ShapeError) {
      try self.init(blob.tensor.reshaped(to: Shape(dims.count == 4 && dims[0] == 1 ? Array(dims.dropFirst()) : dims)))
    } catch {
      throw DataFileError(path: path, error.description)
    }
  }

  /// Writes a file that Caffe reads as `mean_file`.
  ///
  /// - Throws: `FileError`.
  public func write(to path: String) throws { try BlobRecord(tensor).writeMean(path: path) }

  /// The mean of each channel, C numbers: what `mean_value` takes.
  public var channelMeans: [Float] {
    let plane = tensor.shape.count(from: 1)
    return (0..<tensor.shape[0]).map { channel in
      let values = tensor.values[channel * plane..<(channel + 1) * plane]
      return Float(values.reduce(0.0) { $0 + Double($1) } / Double(plane))
    }
  }
}
