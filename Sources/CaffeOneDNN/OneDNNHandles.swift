import COneDNN
import CaffeCore

// Each handle of the library belongs to one object. Handles are not changed after they are made, and the library
// allows their use from several threads, hence @unchecked Sendable throughout.

/// The CPU, as oneDNN sees it.
final class Engine: @unchecked Sendable {
  let handle: OpaquePointer

  init() throws(OneDNNError) {
    var handle: OpaquePointer?
    try OneDNNError.check(cdnn_engine_create(&handle), "start")
    guard let handle else { throw OneDNNError(operation: "start", status: 1) }
    self.handle = handle
  }

  deinit { cdnn_engine_free(handle) }
}

/// What a value's numbers are.
enum Element: Int32, Sendable {
  case float32, bfloat16

  /// Bytes of one.
  var size: Int { self == .bfloat16 ? 2 : 4 }
}

/// How a value of given dimensions lies in memory.
final class MemoryDescriptor: @unchecked Sendable {
  let handle: OpaquePointer
  let dims: [Int]

  private init(dims: [Int], _ make: (inout OpaquePointer?) -> Int32) throws(OneDNNError) {
    var handle: OpaquePointer?
    try OneDNNError.check(make(&handle), "describe memory of \(Shape(dims))")
    guard let handle else { throw OneDNNError(operation: "describe memory", status: 1) }
    self.handle = handle
    self.dims = dims
  }

  deinit { cdnn_md_free(handle) }

  /// Row-major; a scalar is described as one element.
  static func dense(_ dims: [Int], _ element: Element = .float32) throws(OneDNNError) -> MemoryDescriptor {
    let dims = dims.isEmpty ? [1] : dims
    return try MemoryDescriptor(dims: dims) { cdnn_md_dense(&$0, Int32(dims.count), dims.map(Int64.init), element.rawValue) }
  }

  /// Channels in blocks of the CPU's vector length, of images or volumes.
  static func blocked(_ dims: [Int], _ element: Element = .float32) throws(OneDNNError) -> MemoryDescriptor {
    try MemoryDescriptor(dims: dims) {
      cdnn_md_blocked(&$0, Int32(dims.count), dims.map(Int64.init), cdnn_channel_block(), element.rawValue)
    }
  }

  /// The first channels of blocked images that have `channels` in all, or any others of as many whole blocks.
  static func slice(_ dims: [Int], of channels: Int, _ element: Element = .float32) throws(OneDNNError) -> MemoryDescriptor {
    try MemoryDescriptor(dims: dims) {
      cdnn_md_slice(&$0, Int32(dims.count), dims.map(Int64.init), cdnn_channel_block(), Int64(channels), element.rawValue)
    }
  }

  /// The library chooses.
  static func any(_ dims: [Int], _ element: Element = .float32) throws(OneDNNError) -> MemoryDescriptor {
    try MemoryDescriptor(dims: dims) { cdnn_md_any(&$0, Int32(dims.count), dims.map(Int64.init), element.rawValue) }
  }

  /// The one a primitive chose for an argument.
  static func of(_ primitive: OpaquePointer, _ argument: Int, dims: [Int]) throws(OneDNNError) -> MemoryDescriptor {
    try MemoryDescriptor(dims: dims) { cdnn_primitive_md(&$0, primitive, Int32(argument)) }
  }

  var byteCount: Int { cdnn_md_size(handle) }
  var element: Element { Element(rawValue: cdnn_md_element(handle)) ?? .float32 }

  /// Dimensions, strides, blocks and what is no float: equal for equal descriptors.
  var token: [Int64] {
    var numbers = [Int64](repeating: 0, count: 64)
    let count = cdnn_md_describe(handle, &numbers, 64)
    return Array(numbers.prefix(Int(count))) + dims.map(Int64.init)
  }
}

/// A kernel of the library.
final class DNNPrimitive: @unchecked Sendable {
  let handle: OpaquePointer

  /// - Parameter make: calls one of the `cdnn_…` constructors.
  init(_ name: String, _ make: (inout OpaquePointer?) -> Int32) throws(OneDNNError) {
    var handle: OpaquePointer?
    try OneDNNError.check(make(&handle), "make a \(name)")
    guard let handle else { throw OneDNNError(operation: "make a \(name)", status: 1) }
    self.handle = handle
  }

  deinit { cdnn_primitive_free(handle) }

  /// The implementation's name, such as `jit:avx2`.
  var implementation: String { String(cString: cdnn_primitive_implementation(handle)) }

  /// Whether it is one of the library's plain loops, which are slower than the reference layers.
  var isReference: Bool { implementation.hasPrefix("ref") }

  func descriptor(_ argument: Int, dims: [Int] = []) throws(OneDNNError) -> MemoryDescriptor {
    try MemoryDescriptor.of(handle, argument, dims: dims)
  }

  /// Bytes of an argument; 0 when the primitive does not take it.
  func byteCount(_ argument: Int) -> Int { (try? descriptor(argument).byteCount) ?? 0 }
}

/// The arguments of primitives, by the shim's numbers.
enum Argument {
  static let source = 0
  static let destination = 1
  static let weights = 2
  static let bias = 3
  static let workspace = 4
  static let scratchpad = 5
  static let sourceDiff = 6
  static let destinationDiff = 7
  static let weightsDiff = 8
  static let biasDiff = 9
  /// Source `index` of a sum.
  static func source(_ index: Int) -> Int { 16 * (index + 1) }
}

/// A primitive with the memory it works on; runs on one thread at a time.
final class PreparedCall {
  /// An argument of the primitive, its descriptor, its place.
  typealias Value = (argument: Int, descriptor: MemoryDescriptor, place: UnsafeMutablePointer<Float>)

  private let primitive: DNNPrimitive
  private let stream: OpaquePointer
  private var arguments: [Int32] = []
  private var memories: [OpaquePointer?] = []

  /// - Parameter memory: arguments the primitive does not take (size 0) may be given.
  init(_ primitive: DNNPrimitive, _ engine: Engine, _ memory: [Value]) throws(OneDNNError) {
    self.primitive = primitive
    var stream: OpaquePointer?
    try OneDNNError.check(cdnn_stream_create(&stream, engine.handle), "open a stream")
    guard let stream else { throw OneDNNError(operation: "open a stream", status: 1) }
    self.stream = stream
    for (argument, descriptor, place) in memory where descriptor.byteCount > 0 {
      var object: OpaquePointer?
      try OneDNNError.check(cdnn_memory_create(&object, descriptor.handle, engine.handle, place), "take memory")
      arguments.append(Int32(argument))
      memories.append(object)
    }
  }

  deinit {
    for memory in memories { if let memory { cdnn_memory_free(memory) } }
    cdnn_stream_free(stream)
  }

  func execute() throws(OneDNNError) {
    try OneDNNError.check(
      cdnn_primitive_execute(primitive.handle, stream, Int32(arguments.count), arguments, memories),
      "run \(primitive.implementation)")
  }
}
