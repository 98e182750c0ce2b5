import CaffeGraph

/// The order in which the reference convolution meets its products: for every filter element, the rows of the output
/// it touches, cut to where the window lies inside the image.
struct ConvolutionWalk {
  /// A stretch along the last axis: `count` outputs from `output`, inputs from `input` in steps of `stride`.
  struct Span {
    var output: Int
    var input: Int
    var count: Int
    let stride: Int

    @inline(__always)
    func each(_ body: (_ output: Int, _ input: Int) -> Void) {
      if stride == 1 {
        for step in 0..<count { body(output + step, input + step) }
      } else {
        for step in 0..<count { body(output + step, input + step * stride) }
      }
    }
  }

  /// One filter element meeting one row: offsets of the planes and of the weight.
  struct Tap {
    let output: Int
    let input: Int
    let weight: Int
    let span: Span
  }

  let geometry: ConvolutionGeometry
  let inputPlane: Int
  let outputPlane: Int
  /// Per element of the kernel, its spans within a plane.
  let spans: [[Span]]

  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    inputPlane = geometry.input.reduce(1, *)
    outputPlane = geometry.output.reduce(1, *)
    spans = (0..<geometry.kernel.reduce(1, *)).map { ConvolutionWalk.spans(of: $0, geometry) }
  }

  func eachOutputPlane(_ body: (_ image: Int, _ output: Int) -> Void) {
    for image in 0..<geometry.batch {
      for output in 0..<geometry.outputChannels { body(image, output) }
    }
  }

  @inline(__always)
  func eachTap(_ body: (Tap) -> Void) {
    let (inputs, outputs) = (geometry.inputChannels / geometry.group, geometry.outputChannels / geometry.group)
    for image in 0..<geometry.batch {
      for output in 0..<geometry.outputChannels {
        let group = output / outputs
        for input in 0..<inputs {
          let outputOffset = (image * geometry.outputChannels + output) * outputPlane
          let inputOffset = (image * geometry.inputChannels + group * inputs + input) * inputPlane
          let weight = (output * inputs + input) * spans.count
          for (element, list) in spans.enumerated() {
            for span in list { body(Tap(output: outputOffset, input: inputOffset, weight: weight + element, span: span)) }
          }
        }
      }
    }
  }

  private static func spans(of element: Int, _ g: ConvolutionGeometry) -> [Span] {
    guard let last = g.kernel.indices.last else { return [Span(output: 0, input: 0, count: 1, stride: 1)] }
    let place = coordinates(element, g.kernel)
    let shift = place[last] * g.dilation[last] - g.pad[last]
    let first = max(0, (-shift + g.stride[last] - 1) / g.stride[last])
    let end = min(g.output[last], (g.input[last] - shift + g.stride[last] - 1) / g.stride[last])
    guard end > first else { return [] }
    var result: [Span] = []
    for row in 0..<g.output[..<last].reduce(1, *) {
      guard let inputRow = inputRow(coordinates(row, Array(g.output[..<last])), place, g) else { continue }
      let span = Span(
        output: row * g.output[last] + first, input: inputRow * g.input[last] + first * g.stride[last] + shift,
        count: end - first,
        stride: g.stride[last])
      append(span, to: &result)
    }
    return result
  }

  /// Rows that follow each other in both images without a gap become one: all of a 1x1 convolution's.
  private static func append(_ span: Span, to list: inout [Span]) {
    if let last = list.last, span.stride == 1, last.output + last.count == span.output, last.input + last.count == span.input {
      list[list.count - 1].count += span.count
    } else {
      list.append(span)
    }
  }

  private static func inputRow(_ output: [Int], _ kernel: [Int], _ g: ConvolutionGeometry) -> Int? {
    var row = 0
    for axis in output.indices {
      let place = output[axis] * g.stride[axis] - g.pad[axis] + kernel[axis] * g.dilation[axis]
      guard (0..<g.input[axis]).contains(place) else { return nil }
      row = row * g.input[axis] + place
    }
    return row
  }

  private static func coordinates(_ index: Int, _ extents: [Int]) -> [Int] {
    var rest = index
    var result = [Int](repeating: 0, count: extents.count)
    for axis in extents.indices.reversed() {
      result[axis] = rest % extents[axis]
      rest /= extents[axis]
    }
    return result
  }
}
