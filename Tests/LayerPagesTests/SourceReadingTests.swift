import Testing

@testable import LayerPages

@Suite("Reading doc comments")
struct SourceReadingTests {
  @Test("takes a comment apart: prose, examples, differences, dialects; what is for programmers stays out")
  func comment() {
    let comment = DocComment(
      """
      y = 2x,
      always.

      - one
        thing
      - another

      ```prototxt
      # x: 2

      layer { }
      ```

      ```swift
      let a = 1

      let b = 2
      ```

      - Difference: it is
        new.
      - Difference: it is fast.
      - Dialect: all
        agree.
      - Throws: nothing,
        ever.

      The end.
      """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    #expect(comment.paragraphs == ["y = 2x, always.", "- one thing", "- another", "The end."])
    #expect(comment.examples == ["# x: 2\n\nlayer { }\n"])
    #expect(comment.differences == ["it is new.", "it is fast."])
    #expect(comment.dialects == ["all agree."])
  }

  private static let source = """
    /// The fields.
    public struct DoubleParameters: LayerParameters {
      /// How sums are made.
      public enum Mode: Int32, ProtoEnum {
        /// One by one.
        case SLOW = 0
        case FAST = 1
        public static let schema = makeSchema("Mode")
      }
      /// The factor.
      public var factor: Float = 2
      public var mode = Mode.SLOW
      /// Read under another name.
      public var other = 0
      public init() {}
      public static let messageName = "DoubleParameter"
      public static let fields: [Field<DoubleParameters>] = [
        Field("factor", 1, \\.factor), Field(
          "old_name", 2, \\.other, as: .uint32),
      ]
      public static let schema = makeSchema()
      public static let placement: LayerField? = LayerField("double_param", 999, schema)
    }

    /// y = factor · x
    public struct DoubleLayer: Doubling {
      /// Any shape.
      public func signature(of bottoms: [Shape]) -> LayerSignature { LayerSignature(tops: bottoms) }
      public func forward(_ io: ForwardIO) {}
    }

    extension Doubling {
      /// dx = factor · dy
      @inline(__always)
      public func backward(_ io: BackwardIO) {}
    }
    """

  @Test("finds what stands above layers, their members, fields and cases, whatever the fields' properties are called")
  func declarations() throws {
    let comments = SourceComments(SwiftReader(Self.source, file: "CaffeLayers/Group/DoubleLayer.swift").declarations)
    let layer = try #require(comments.type("DoubleLayer"))
    #expect(layer.comment == ["y = factor · x"])
    #expect(comments.member("signature", of: layer)?.text == "Any shape.")
    #expect(comments.member("backward", of: layer)?.text == "dx = factor · dy")
    #expect(comments.member("forward", of: layer)?.text == "")
    #expect(comments.member("nothing", of: layer) == nil)
    let message = try #require(comments.message(named: "DoubleParameter"))
    #expect(comments.property(ofField: "factor", in: message)?.text == "The factor.")
    #expect(comments.property(ofField: "old_name", in: message)?.text == "Read under another name.")
    #expect(comments.property(ofField: "mode", in: message)?.text == "")
    #expect(comments.message(named: "Mode") == nil)
    let mode = try #require(comments.enumeration(named: "Mode", of: message))
    #expect(mode.comment == ["How sums are made."])
    #expect(comments.enumCase("SLOW", of: mode)?.text == "One by one.")
    #expect(comments.enumCase("FAST", of: mode)?.text == "")
  }

  @Test("reads what an example puts in, and refuses what it cannot read")
  func example() throws {
    let example = try LayerExample("# x: 2x3 in -1...0.5\n# label: 4 labels 5\n# y: 1\nlayer { name: \"l\" }\n")
    #expect(
      example.inputs == [
        LayerExample.Input(name: "x", shape: [2, 3], values: .within(-1...0.5)),
        LayerExample.Input(name: "label", shape: [4], values: .labels(below: 5)),
        LayerExample.Input(name: "y", shape: [1], values: .any),
      ])
    #expect(
      example.net.hasPrefix("layer { name: \"in x\" type: \"Input\" top: \"x\" input_param { shape { dim: 2 dim: 3 } } }\n"))
    #expect(example.net.hasSuffix("layer { name: \"l\" }\n"))
    for wrong in ["# a remark", "# x: 2y3", "# x: 2 labels none", "# x: 2 in 3...1", "# x: 2 from 1", "# x 2"] {
      #expect(throws: (any Error).self, "\(wrong)") { try LayerExample("\(wrong)\nlayer { }\n") }
    }
  }
}
