import COneDNN
import CaffeGraph

/// A convolution of stride 4 as one of stride 1, for Winograd's ways: the pixels whose rows and columns leave the same remainders make a
/// phase, and the 16 phases of a channel become 16 channels of a quarter of the size each way. Filters of 9 to 12 rows and columns, as
/// AlexNet's first, become ones of 3: a quarter of the multiplications, or less, though some of their taps are 0.
struct PhasedGeometry: Sendable {
  /// Of the convolution that is left.
  let winograd: WinogradGeometry
  /// Channels, and rows and columns of the images, of their padding and of the filters.
  let channels: Int
  let input, pad, kernel: [Int]

  static let stride = 4
  static let phases = stride * stride

  /// nil for other strides and filters, groups, more channels than pictures have, and where Winograd's ways do not take what is left.
  ///
  /// - Parameter outputStride: floats from one image of the output to the next, where that is more than an image.
  init?(_ geometry: ConvolutionGeometry, threads: Int, outputStride: Int? = nil) {
    let stride = PhasedGeometry.stride
    guard geometry.group == 1, geometry.inputChannels <= 4, geometry.stride == [stride, stride], geometry.dilation == [1, 1],
      geometry.kernel.count == 2, geometry.kernel.allSatisfy({ (2 * stride + 1...3 * stride).contains($0) })
    else { return nil }
    var phased = geometry
    phased.inputChannels *= PhasedGeometry.phases
    (phased.kernel, phased.stride, phased.pad) = ([3, 3], [1, 1], [0, 0])
    phased.input = geometry.output.map { $0 + 2 }
    guard let winograd = WinogradGeometry(phased, threads: threads, outputStride: outputStride) else { return nil }
    self.winograd = winograd
    (channels, input, pad, kernel) = (geometry.inputChannels, geometry.input, geometry.pad, geometry.kernel)
  }

  /// What `caffe plan` shows.
  var implementation: String { "\(winograd.implementation) of \(kernel[0])x\(kernel[1]) stride \(PhasedGeometry.stride)" }
  /// Rows and columns of a phase.
  var height: Int { Int(winograd.shape.height) }
  var width: Int { Int(winograd.shape.width) }
  /// Floats of an image's phases.
  var phasedCount: Int { channels * PhasedGeometry.phases * height * width }
}
