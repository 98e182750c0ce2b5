import COneDNN
import CaffeCore
import CaffeGraph

/// oneDNN's primitives for a convolution of some geometry: what a convolution and its transpose are made of.
struct ConvolutionPrimitives {
  let backend: OneDNNBackend
  let geometry: ConvolutionGeometry

  /// nil for more spatial axes than the library has; a line becomes an image of height 1.
  init?(_ backend: OneDNNBackend, _ geometry: ConvolutionGeometry) {
    guard (1...3).contains(geometry.kernel.count) else { return nil }
    self.backend = backend
    var geometry = geometry
    if geometry.kernel.count == 1 {
      geometry.kernel.insert(1, at: 0)
      geometry.stride.insert(1, at: 0)
      geometry.pad.insert(0, at: 0)
      geometry.dilation.insert(1, at: 0)
      geometry.input.insert(1, at: 0)
      geometry.output.insert(1, at: 0)
    }
    self.geometry = geometry
  }

  /// Of the side that has the input channels.
  var inputDims: [Int] { [geometry.batch, geometry.inputChannels] + geometry.input }
  var outputDims: [Int] { [geometry.batch, geometry.outputChannels] + geometry.output }
  /// The library gives groups an axis of their own.
  var filterDims: [Int] {
    let (group, inputs, outputs) = (geometry.group, geometry.inputChannels, geometry.outputChannels)
    return (group > 1 ? [group, outputs / group] : [outputs]) + [inputs / group] + geometry.kernel
  }

  private func withWindow(_ body: (UnsafePointer<cdnn_window>) -> Int32) -> Int32 {
    func axes(_ values: [Int]) -> (Int64, Int64, Int64) {
      (Int64(values[0]), Int64(values[1]), Int64(values.count > 2 ? values[2] : 0))
    }
    var window = cdnn_window(
      kernel: axes(geometry.kernel), stride: axes(geometry.stride), dilation: axes(geometry.dilation.map { $0 - 1 }),
      pad_before: axes(geometry.pad), pad_after: axes(geometry.kernel.indices.map(padAfter)))
    return body(&window)
  }

  /// What lies behind the last window is left out: oneDNN wants the padding that makes the sizes come out even.
  private func padAfter(_ axis: Int) -> Int {
    let covered = (geometry.output[axis] - 1) * geometry.stride[axis] + geometry.dilation[axis] * (geometry.kernel[axis] - 1) + 1
    return covered - geometry.input[axis] - geometry.pad[axis]
  }

  /// - Parameters:
  ///   - filters: their format; any where none is given.
  ///   - adds: whether the output is added to what lies there.
  ///   - relu: the slope of a ReLU applied to the output.
  func forward(
    _ source: MemoryDescriptor, _ destination: MemoryDescriptor, filters: MemoryDescriptor? = nil, bias: MemoryDescriptor? = nil,
    adds: Bool = false, relu: Float? = nil, isTraining: Bool
  ) throws -> DNNPrimitive {
    let filters = try filters ?? .any(filterDims, source.element)
    return try DNNPrimitive("convolution") { handle in
      withWindow { window in
        cdnn_convolution_forward(
          &handle, backend.engine.handle, isTraining ? 1 : 0, source.handle, filters.handle, bias?.handle, destination.handle,
          window, adds ? 1 : 0, relu == nil ? 0 : 1, relu ?? 0)
      }
    }
  }

  /// The gradient of the source; `hint` is a forward primitive of the same formats.
  func backwardData(_ source: MemoryDescriptor, _ destination: MemoryDescriptor, hint: DNNPrimitive) throws -> DNNPrimitive {
    let filters = try MemoryDescriptor.any(filterDims)
    return try DNNPrimitive("convolution's backward") { handle in
      withWindow { window in
        cdnn_convolution_backward_data(
          &handle, backend.engine.handle, source.handle, filters.handle, destination.handle, window, hint.handle)
      }
    }
  }

  // MARK: The gradient of the filters

  /// The batch in at most eight shares, each a call on one thread; nil where the library has only plain loops.
  func gradientShares(_ descriptors: ConvolutionDescriptors) throws -> GradientShares? {
    let images = (geometry.batch + GradientShares.maximum - 1) / GradientShares.maximum
    let count = (geometry.batch + images - 1) / images
    let rest = geometry.batch - images * (count - 1)
    return try withPrimitiveThreads(1) {
      guard let full = try gradientShare(images: images, descriptors) else { return nil }
      guard let last = rest == images ? full : try gradientShare(images: rest, descriptors) else { return nil }
      return GradientShares(
        count: count, images: images, full: full, last: last, sourceStride: descriptors.source.byteCount / 4 / geometry.batch,
        destinationStride: descriptors.destination.byteCount / 4 / geometry.batch)
    }
  }

  private func gradientShare(images: Int, _ descriptors: ConvolutionDescriptors) throws -> GradientShare? {
    guard let source = try part(descriptors.source, images: images),
      let destination = try part(descriptors.destination, images: images)
    else { return nil }
    let anySource = try MemoryDescriptor.any(source.dims)
    let anyDestination = try MemoryDescriptor.any(destination.dims)
    let anyFilters = try MemoryDescriptor.any(filterDims)
    // The library has no kernel for some blocked formats (few channels); reordering first still beats a plain loop.
    for wanted in [
      (source, descriptors.filters, destination), (source, anyFilters, destination), (anySource, anyFilters, anyDestination),
    ] {
      guard let primitive = try? gradient(wanted.0, wanted.1, wanted.2, descriptors.bias), !primitive.isReference else {
        continue
      }
      return GradientShare(
        primitive: primitive,
        source: try Reformatting(from: source, to: try primitive.descriptor(Argument.source, dims: source.dims), backend.engine),
        destination: try Reformatting(
          from: destination, to: try primitive.descriptor(Argument.destinationDiff, dims: destination.dims), backend.engine),
        filters: try Reformatting(
          from: try primitive.descriptor(Argument.weightsDiff, dims: filterDims), to: descriptors.filters, backend.engine))
    }
    return nil
  }

  private func gradient(
    _ source: MemoryDescriptor, _ filters: MemoryDescriptor, _ destination: MemoryDescriptor, _ bias: MemoryDescriptor?
  ) throws -> DNNPrimitive {
    // The hint of a backward pass is a forward pass over the same images.
    let hint = try forward(source, destination, bias: bias, isTraining: true)
    return try DNNPrimitive("convolution's gradient") { handle in
      withWindow { window in
        cdnn_convolution_backward_weights(
          &handle, backend.engine.handle, source.handle, filters.handle, bias?.handle, destination.handle, window, hint.handle)
      }
    }
  }

  /// The descriptor of the first images of a value.
  private func part(_ whole: MemoryDescriptor, images: Int) throws(OneDNNError) -> MemoryDescriptor? {
    let dims = [images] + whole.dims.dropFirst()
    if whole.token == (try MemoryDescriptor.dense(whole.dims)).token { return try .dense(dims) }
    if whole.token == (try MemoryDescriptor.blocked(whole.dims)).token { return try .blocked(dims) }
    return nil
  }
}
