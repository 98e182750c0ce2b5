import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@Suite("An old net")
struct UpgradeTests {
  private static let schema = LayerRegistry.standard.schema

  private static func net(_ text: String) throws -> Message {
    try TextParser.parse(SourceFile(name: "n", text: text), as: schema.net)
  }

  private static func upgraded(_ text: String) throws -> Message { try NetUpgrade.upgrade(net(text), schema: schema) }

  /// The first mistake as `line:column: message`.
  private static func mistake(_ text: String) throws -> String? {
    let net = try net(text)
    do throws(Diagnostics) {
      _ = try NetUpgrade.upgrade(net, schema: schema)
      return nil
    } catch {
      return error.first.map { "\($0.location.map { "\($0.line):\($0.column)" } ?? "-"): \($0.message)" }
    }
  }

  @Test("with input_dim gets an Input layer in front, four numbers a blob")
  func inputDim() throws {
    let old = """
      input: "a" input: "b" input_dim: 1 input_dim: 2 input_dim: 3 input_dim: 4
      layer { name: "s" type: "Silence" bottom: "a" bottom: "b" }
      input_dim: 5 input_dim: 6 input_dim: 7 input_dim: 8
      """
    let new = """
      layer {
        name: "input" type: "Input" top: "a" top: "b"
        input_param { shape { dim: [1, 2, 3, 4] } shape { dim: [5, 6, 7, 8] } }
      }
      layer { name: "s" type: "Silence" bottom: "a" bottom: "b" }
      """
    #expect(try Self.upgraded(old) == Self.net(new))
  }

  @Test("with input_shape gets an Input layer in front")
  func inputShape() throws {
    let old = "layer { name: 's' type: 'Silence' bottom: 'a' } input: 'a' input_shape { dim: 7 }"
    let new = """
      layer { name: "input" type: "Input" top: "a" input_param { shape { dim: 7 } } }
      layer { name: "s" type: "Silence" bottom: "a" }
      """
    #expect(try Self.upgraded(old) == Self.net(new))
  }

  @Test("whose input has no shape gets an Input layer that leaves it open")
  func openInput() throws {
    #expect(try Self.upgraded("input: 'a'") == Self.net("layer { name: 'input' type: 'Input' top: 'a' }"))
  }

  @Test(
    "that cannot be brought up to date is refused at its place",
    arguments: [
      ("input: 'a'\ninput_dim: 1 input_dim: 2", "1:1: 1 input(s) need 1 input_shape or 4 input_dim, found 0 and 2"),
      ("input: 'a' input: 'b'\ninput_shape { dim: 2 }", "1:1: 2 input(s) need 2 input_shape or 8 input_dim, found 1 and 0"),
      ("name: 'x'\ninput_dim: 1", "2:1: \"input_dim\" is given without \"input\""),
      ("input_shape { dim: 1 }", "1:1: \"input_shape\" is given without \"input\""),
      ("layer { name: 'a' }\nlayers { name: 'b' type: RELU }", "2:1: \"layer\" and \"layers\" stand in one net; use one of them"),
      ("layers { layer { name: 'b'\n type: 'convolution' } }", "2:8: unknown V0 layer type \"convolution\""),
      (
        "layers { layer { name: 'r' type: 'relu'\n group: 3 } }",
        "2:2: V0 field \"group\" has no meaning in a layer of type \"relu\""
      ),
      (
        "layers { layer { name: 'p' type: 'padding' pad: 1 } bottom: 'x' top: 'y' }\n"
          + "layers { layer { name: 'r' type: 'relu' } bottom: 'y' top: 'z' }",
        "2:51: a padding layer can only feed one convolution or pooling layer"
      ),
    ])
  func refused(text: String, message: String) throws {
    #expect(try Self.mistake(text) == message)
  }

  @Test("of V1 gets type names and one param message per blob")
  func v1() throws {
    let old = """
      layers {
        name: "ip" type: INNER_PRODUCT bottom: "x" top: "y" param: "w"
        blobs_lr: 1 blobs_lr: 2 weight_decay: 1 blob_share_mode: PERMISSIVE
        inner_product_param { num_output: 3 } loss_weight: 0.5 include { phase: TEST }
      }
      """
    let new = """
      layer {
        name: "ip" type: "InnerProduct" bottom: "x" top: "y" loss_weight: 0.5 include { phase: TEST }
        param { name: "w" share_mode: PERMISSIVE lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 }
        inner_product_param { num_output: 3 }
      }
      """
    #expect(try Self.upgraded(old) == Self.net(new))
  }

  @Test("of V0 folds its padding layer into the convolution behind")
  func v0() throws {
    let old = """
      layers { layer { name: "p" type: "padding" pad: 2 } bottom: "x" top: "q" }
      layers { layer { name: "c" type: "conv" num_output: 3 kernelsize: 5 biasterm: false blobs_lr: 1 } bottom: "q" top: "y" }
      """
    let new = """
      layer {
        name: "c" type: "Convolution" bottom: "x" top: "y" param { lr_mult: 1 }
        convolution_param { num_output: 3 kernel_size: 5 bias_term: false pad: 2 }
      }
      """
    #expect(try Self.upgraded(old) == Self.net(new))
  }

  @Test("gives BatchNorm's three statistics a learning rate of 0, and leaves other counts alone")
  func batchNorm() throws {
    let old = "layer { name: 'b' type: 'BatchNorm' param { lr_mult: 1 } param { } param { decay_mult: 3 name: 'f' } }"
    let zero = "lr_mult: 0 decay_mult: 0"
    let new = "layer { name: 'b' type: 'BatchNorm' param { \(zero) } param { \(zero) } param { \(zero) name: 'f' } }"
    #expect(try Self.upgraded(old) == Self.net(new))
    let two = "layer { name: 'b' type: 'BatchNorm' param { lr_mult: 1 } param { } }"
    #expect(try Self.upgraded(two) == Self.net(two))
  }

  @Test("that is new stays as it is, and upgrading twice changes nothing")
  func stable() throws {
    let new = "name: 'x' layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'a' }"
    #expect(try Self.upgraded(new) == Self.net(new))
    let once = try Self.upgraded("input: 'a' input_shape { dim: 2 } layers { name: 'r' type: RELU bottom: 'a' top: 'a' }")
    #expect(try NetUpgrade.upgrade(once, schema: Self.schema) == once)
  }

  @Test("a ReLU that Intel's fork writes into a convolution becomes a layer behind it")
  func fusedReLU() throws {
    let net = try Self.upgraded(
      """
      layer { name: "c" type: "Convolution" bottom: "x" top: "y" include { phase: TEST }
        convolution_param { num_output: 2 kernel_size: 1 relu: true negative_slope: 0.1 } }
      layer { name: "d" type: "Convolution" bottom: "y" top: "z" convolution_param { num_output: 2 kernel_size: 1 relu: false } }
      """)
    let layers = net.messages("layer")
    #expect(layers.map { $0.string("name") } == ["c", "c_relu", "d"])
    #expect(layers[1].string("type") == "ReLU" && layers[1].strings("bottom") == ["y"] && layers[1].strings("top") == ["y"])
    #expect(layers[1].last("relu_param")?.value.message?.last("negative_slope")?.value.float == 0.1)
    #expect(layers[1].all("include").count == 1)
    #expect(layers[0].last("convolution_param")?.value.message?.has("relu") == false)
  }

  @Test("a ReLU written into a convolution of two tops becomes one behind each")
  func fusedReLUs() throws {
    let layers = try Self.upgraded(
      """
      layer { name: "c" type: "Convolution" bottom: "a" bottom: "b" top: "y" top: "z" phase: TEST
        convolution_param { num_output: 2 kernel_size: 1 relu: true } }
      """
    ).messages("layer")
    #expect(layers.map { $0.string("name") } == ["c", "c_relu0", "c_relu1"])
    #expect(layers.dropFirst().map { $0.strings("top") } == [["y"], ["z"]])
    #expect(layers.dropFirst().allSatisfy { $0.has("phase") })
  }
}

@Suite("An old solver")
struct SolverUpgradeTests {
  private static func solver(_ text: String) throws -> Message {
    try TextParser.parse(SourceFile(name: "n", text: text), as: LayerRegistry.standard.schema.solver)
  }

  @Test(
    "names its type in words",
    arguments: [
      ("SGD", "SGD"), ("NESTEROV", "Nesterov"), ("ADAGRAD", "AdaGrad"), ("RMSPROP", "RMSProp"), ("ADADELTA", "AdaDelta"),
      ("ADAM", "Adam"),
    ])
  func types(old: String, new: String) throws {
    let upgraded = try NetUpgrade.upgradeSolver(Self.solver("solver_type: \(old) base_lr: 0.1"))
    #expect(try upgraded == Self.solver("type: '\(new)' base_lr: 0.1"))
  }

  @Test("that gives its type twice, or one that is none, is refused")
  func refused() throws {
    let both = try Self.solver("type: 'SGD'\nsolver_type: ADAM")
    let error = #expect(throws: Diagnostics.self) { try NetUpgrade.upgradeSolver(both) }
    #expect(error?.first?.location?.description == "n:2:1")
    #expect(error?.first?.hint == "\"type\" at n:1:1")
    var unknown = try Self.solver("")
    unknown.append("solver_type", .enumeration(77))
    #expect(throws: Diagnostics.self) { try NetUpgrade.upgradeSolver(unknown) }
  }

  @Test("that is new stays as it is")
  func stable() throws {
    let solver = try Self.solver("type: 'Adam' max_iter: 5")
    #expect(try NetUpgrade.upgradeSolver(solver) == solver)
  }
}
