/// The graph of a picture whose nodes are pixels, each joined to its neighbours, the most alike first.
struct PixelGraph: Sendable {
  /// Smoothed planes are rounded to 1/16384 of a byte's step: finer steps do not change regions, coarser ones make many edges
  /// equal where a picture is smooth.
  static let unit: Double = 16384

  /// Too large for fractions: adding it rounds.
  private static let rounding = 0x1p52

  let width: Int
  let height: Int
  /// Each edge in one number: from bit 32 on the bits of the squared distance of its pixels' colours, as a `Float` in squared
  /// units; below, 4 · pixel + direction. In ascending order: edges of one weight keep the order of their numbers.
  let edges: [UInt64]
  /// From a pixel to its neighbour, by direction: right, down, down and right, down and left.
  let steps: SIMD4<Int32>

  /// - Parameters:
  ///   - sigma: of the smoothing that comes first, in pixels.
  ///   - joinsDiagonally: whether pixels have eight neighbours, not four.
  init(_ picture: ColorPlanes, sigma: Float, joinsDiagonally: Bool) {
    width = picture.width
    height = picture.height
    let row = Int32(width)
    steps = SIMD4(1, row, row + 1, row - 1)
    let kernel = SmoothingKernel(sigma: sigma, bits: 20)
    let planes = picture.planes.map { plane in
      FloatPlane<Double>(plane, width: picture.width, height: picture.height)
        .filtered(rows: kernel.weights, columns: kernel.weights).values
        .map { Float(($0 * PixelGraph.unit + PixelGraph.rounding) - PixelGraph.rounding) }
    }
    var edges = PixelGraph.edges(planes, width: width, height: height, directions: joinsDiagonally ? 4 : 2)
    RadixSort.sort(&edges, from: 32, bits: 32)
    self.edges = edges
  }

  /// The two pixels of an edge.
  @inline(__always)
  static func pixels(of edge: UInt64, _ steps: SIMD4<Int32>) -> (Int32, Int32) {
    let number = UInt32(truncatingIfNeeded: edge)
    let pixel = Int32(truncatingIfNeeded: number &>> 2)
    return (pixel, pixel &+ steps[Int(number & 3)])
  }

  /// An edge's weight: the distance of its pixels' colours, in units.
  @inline(__always)
  static func weight(of edge: UInt64) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: edge &>> 32)).squareRoot()
  }

  private static func edges(_ planes: [[Float]], width: Int, height: Int, directions: Int) -> [UInt64] {
    let steps = [1, width, width + 1, width - 1]
    let weights = (0..<directions).map { squares(planes, step: steps[$0]) }
    return [UInt64](unsafeUninitializedCapacity: directions * width * height) { edges, count in
      func add(_ direction: Int, _ pixels: Range<Int>) {
        weights[direction].withUnsafeBufferPointer { weights in
          for pixel in pixels {
            edges[count] = UInt64(weights[pixel].bitPattern) &<< 32 | UInt64(truncatingIfNeeded: 4 &* pixel &+ direction)
            count &+= 1
          }
        }
      }
      for start in stride(from: 0, to: width * height, by: width) {
        add(0, start..<start + width - 1)
        guard start + width < width * height else { break }
        add(1, start..<start + width)
        guard directions > 2 else { continue }
        add(2, start..<start + width - 1)
        add(3, start + 1..<start + width)
      }
    }
  }

  /// The squared distance of each pixel's colour from that of the pixel `step` further on, if there is one.
  private static func squares(_ planes: [[Float]], step: Int) -> [Float] {
    var sums = [Float](repeating: 0, count: planes[0].count)
    for plane in planes {
      plane.withUnsafeBufferPointer { plane in
        sums.withUnsafeMutableBufferPointer { sums in
          let others = UnsafeBufferPointer(rebasing: plane[min(step, plane.count)...])
          for pixel in 0..<others.count {
            let difference = plane[pixel] - others[pixel]
            sums[pixel] += difference * difference
          }
        }
      }
    }
    return sums
  }
}
