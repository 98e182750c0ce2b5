import CaffeCore
import CaffeData
import CaffeVision
import Dispatch
import Synchronization

/// Windows of a picture as batches of a net's input, made by all cores.
struct WindowBatches: Sendable {
  /// N: as the net's file has it, but at least 1.
  let batchSize: Int
  private let painter: WindowPainter
  private let channels: Int
  private let cropping: Detector.Cropping
  private let workers: Int

  /// - Throws: `DetectorError` when the net's input cannot take such crops.
  init(_ model: PictureModel, _ cropping: Detector.Cropping) throws {
    let shape = model.input.shape
    let (height, width) = (shape[2], shape[3])
    guard height > 0, width > 0, cropping.contextPad >= 0, cropping.contextPad <= (width - 1) / 2 else {
      throw DetectorError(
        "surroundings of \(cropping.contextPad) pixels leave nothing of an input of \(height)x\(width); take fewer: --context-pad"
      )
    }
    guard height == width || (cropping.contextPad == 0 && cropping.mode == .warp && cropping.geometry == .caffe) else {
      throw DetectorError("the net's input, \(height)x\(width), is no square; crop without surroundings: --context-pad 0")
    }
    batchSize = max(1, shape[0])
    channels = shape[1]
    workers = max(1, model.net.options.threads)
    guard (model.preprocessing.channelOrder == .gray) == (channels == 1) else {
      throw DetectorError("the net takes \(channels) channel(s), and the model's pictures have another number")
    }
    self.cropping = cropping
    painter = WindowPainter(
      height: height, width: width, mean: WindowBatches.mean(model.preprocessing.mean, cropping.geometry),
      scale: model.preprocessing.scale)
    do { try painter.check(channels: channels) } catch { throw DetectorError(error.description) }
  }

  /// pycaffe's Detector takes the mean of each channel; R-CNN the middle of the mean image.
  private static func mean(_ mean: ImagePreprocessing.Mean, _ geometry: CropGeometry) -> WindowPainter.Mean {
    switch mean {
    case .none: .none
    case .channels(let values): .channels(values)
    case .image(let image): geometry == .caffe ? .channels(image.channelMeans) : .image(image)
    }
  }

  /// N×C×H×W.
  func shape(of count: Int) -> Shape { Shape([count, channels, painter.height, painter.width]) }

  /// - Throws: `DetectorError` naming windows that do not lie in the picture.
  func check(_ windows: [PictureWindow], in image: Image) throws(DetectorError) {
    let problems = windows.indices.compactMap { index in
      windows[index].problem(in: (image.width, image.height)).map { "window \(index) (\(windows[index])) \($0)" }
    }
    guard !problems.isEmpty else { return }
    let more = problems.count > 20 ? ["and \(problems.count - 20) more"] : []
    throw DetectorError((problems.prefix(20) + more).joined(separator: "\n"))
  }

  /// The net's input for some windows, N×C×H×W; what is left of it is 0.
  ///
  /// - Throws: `ImageError` when a window cannot be stretched.
  func tensor(of windows: ArraySlice<PictureWindow>, in image: Image, count: Int) throws -> Tensor {
    let shape = shape(of: count)
    let size = shape.count(from: 1)
    let failure = Mutex<ImageError?>(nil)
    let tensor = Tensor(shape) { output in
      output[(windows.count * size)...].update(repeating: 0)
      nonisolated(unsafe) let output = output
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        for item in stride(from: worker, to: windows.count, by: workers) {
          let room = UnsafeMutableBufferPointer(rebasing: output[item * size..<(item + 1) * size])
          do throws(ImageError) {
            try painter.paint(crop(windows[windows.startIndex + item], of: image), of: image, into: room)
          } catch { failure.withLock { $0 = error } }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return tensor
  }

  private func crop(_ window: PictureWindow, of image: Image) -> WindowCrop {
    let picture = (width: image.width, height: image.height)
    switch cropping.geometry {
    case .caffe:
      return WindowCrop(
        detecting: window, of: picture, size: (painter.width, painter.height), contextPad: cropping.contextPad,
        mode: cropping.mode)
    case .rcnn:
      return WindowCrop(
        training: window, of: picture, side: painter.width, contextPad: cropping.contextPad, mode: cropping.mode)
    }
  }
}
