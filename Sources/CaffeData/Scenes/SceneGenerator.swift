import CaffeCore

/// A drawn picture and what is to be seen in it.
public struct Scene: Sendable {
  /// A shape and the smallest upright rectangle around it, in pixels.
  public struct Object: Sendable {
    public let shape: ShapeClass
    public let box: SceneBox
  }

  /// Colour pixels: blue, green, red.
  public let image: Image
  /// In the order they were painted: later ones may cover a little of earlier ones.
  public let objects: [Object]
}

/// An endless set of drawn scenes for training detectors without a download: one to four shapes of five classes on uneven
/// ground, with lines and dots that are no shapes, and grain.
///
/// Scene `i` is a pure function of the generator's settings and `i`. Shapes lie in the picture as a whole.
public struct SceneGenerator: Sendable {
  /// The most shapes in a scene.
  public static let maximumObjects = 4
  /// The smallest and the largest side of a picture, in pixels.
  public static let sides = 32...1024
  /// Places that are tried for a shape.
  private static let attempts = 20

  /// H and W of a picture, in pixels.
  public let side: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - side: 32 to 1024; others are brought into that range.
  ///   - seed: which of the 2⁶⁴ sets.
  public init(side: Int = 64, seed: UInt64) {
    self.side = min(max(side, SceneGenerator.sides.lowerBound), SceneGenerator.sides.upperBound)
    self.seed = seed
  }

  /// One scene.
  public func scene(_ index: Int) -> Scene { drawn(index).scene }

  /// One scene, and for each object the pixels it covered when it was painted.
  func drawn(_ index: Int) -> (scene: Scene, shapes: [PlacedShape]) {
    var random = SequentialRandom(RandomStream(seed: seed, path: UInt64(bitPattern: Int64(index))))
    let ground = color(&random)
    let direction = SIMD2(random.signed(), random.signed())
    var canvas = SceneCanvas(
      side: side, from: ground, to: ground + 0.35 * SIMD3(random.signed(), random.signed(), random.signed()),
      direction: direction)
    addClutter(to: &canvas, &random)
    let shapes = places(&random)
    for shape in shapes { canvas.fill(color(unlike: ground, &random), shape) }
    canvas.roughen(random.uniform(in: 0.01...0.05), &random)
    let image = Image(checkedWidth: side, height: side, channels: 3, pixels: canvas.bytes)
    return (Scene(image: image, objects: shapes.map { Scene.Object(shape: $0.shape, box: $0.box) }), shapes)
  }

  private func color(_ random: inout SequentialRandom) -> SIMD3<Float> {
    SIMD3(random.uniform(), random.uniform(), random.uniform())
  }

  /// A colour that stands out.
  private func color(unlike ground: SIMD3<Float>, _ random: inout SequentialRandom) -> SIMD3<Float> {
    while true {
      let color = color(&random)
      let difference = color - ground
      if (difference * difference).sum() > 0.2 { return color }
    }
  }

  /// Lines and dots, thinner than any shape.
  private func addClutter(to canvas: inout SceneCanvas, _ random: inout SequentialRandom) {
    let unit = Float(side) / 64
    for _ in 0..<Int.random(in: 2...6, using: &random) {
      let start = SIMD2(random.uniform(), random.uniform()) * Float(side)
      let isDot = random.uniform() < 0.5
      let end = isDot ? start : start + SIMD2(random.signed(), random.signed()) * 30 * unit
      let radius = (isDot ? random.uniform(in: 0.8...2.5) : random.uniform(in: 0.4...1.1)) * unit
      canvas.line(color(&random), from: start, to: end, radius: radius)
    }
  }

  /// One to four shapes in the picture that hardly cover one another.
  private func places(_ random: inout SequentialRandom) -> [PlacedShape] {
    var shapes: [PlacedShape] = []
    for _ in 0..<Int.random(in: 1...SceneGenerator.maximumObjects, using: &random) {
      for _ in 0..<SceneGenerator.attempts {
        let shape = shape(&random)
        let isFree = shapes.allSatisfy { other in
          shape.box.shared(with: other.box) <= 0.1 * min(shape.box.area, other.box.area)
        }
        if isFree {
          shapes.append(shape)
          break
        }
      }
    }
    return shapes
  }

  private func shape(_ random: inout SequentialRandom) -> PlacedShape {
    let kind = ShapeClass.allCases[Int.random(in: 0..<ShapeClass.allCases.count, using: &random)]
    let radius = random.uniform(in: 7...16) * Float(side) / 64
    let stretch = random.uniform(in: 0.8...1.25).squareRoot()
    var shape = PlacedShape(
      kind, radii: SIMD2(radius * stretch, radius / stretch), angle: random.uniform(in: -0.35...0.35))
    let box = shape.box
    let room = SIMD2(repeating: Float(side)) - (box.maximum - box.minimum)
    shape.center = SIMD2(random.uniform(), random.uniform()) * room - box.minimum
    return shape
  }
}
