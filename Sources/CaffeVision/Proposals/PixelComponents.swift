/// Which pixels belong together: a forest with one tree for each component.
struct PixelComponents: Sendable {
  /// Of a root the size of its component, negated; of other pixels one that is nearer to the root.
  private var parents: [Int32]

  /// Every pixel is a component of its own.
  init(count: Int) { parents = [Int32](repeating: -1, count: count) }

  /// The forest while it is changed.
  struct Tree {
    fileprivate let parents: UnsafeMutableBufferPointer<Int32>

    /// The root of a pixel's component; paths are halved on the way.
    @inline(__always)
    func root(_ pixel: Int32) -> Int32 {
      var place = pixel
      while true {
        let parent = parents[Int(place)]
        guard parent >= 0 else { return place }
        let next = parents[Int(parent)]
        guard next >= 0 else { return parent }
        parents[Int(place)] = next
        place = next
      }
    }

    /// The pixels of a root's component.
    @inline(__always)
    func size(_ root: Int32) -> Int32 { -parents[Int(root)] }

    /// Joins the components of two roots; that of the larger one, or the lower one of equals, becomes the root of both.
    @inline(__always)
    func join(_ first: Int32, _ second: Int32) -> Int32 {
      let (a, b) = (size(first), size(second))
      let isFirst = a > b || (a == b && first < second)
      let (root, other) = isFirst ? (first, second) : (second, first)
      parents[Int(other)] = root
      parents[Int(root)] = -(a + b)
      return root
    }
  }

  mutating func withTree(_ body: (Tree) -> Void) {
    parents.withUnsafeMutableBufferPointer { body(Tree(parents: $0)) }
  }

  /// The number of each pixel's component, from 0 in the order of their first pixels, and how many there are.
  mutating func labelled() -> (labels: [Int32], count: Int) {
    var labels = [Int32](repeating: -1, count: parents.count)
    var numbers = labels
    var count: Int32 = 0
    withTree { tree in
      for pixel in labels.indices {
        let root = Int(tree.root(Int32(pixel)))
        if numbers[root] < 0 {
          numbers[root] = count
          count += 1
        }
        labels[pixel] = numbers[root]
      }
    }
    return (labels, Int(count))
  }
}
