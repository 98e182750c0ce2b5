import CaffeCore
import CaffeFormat
import CaffeGraph
import Testing

@Suite("A layer takes part in a net")
struct StateRuleTests {
  private static func takesPart(_ rules: String, _ state: NetState) throws -> Bool {
    let text = "layer { name: 'x' type: 'Input' top: 'x' \(rules) }"
    return try !Stages.graph(text, state).nodes.isEmpty
  }

  private static let train = NetState(phase: .TRAIN)
  private static let test = NetState(phase: .TEST)

  @Test("without rules in every state")
  func noRules() throws {
    #expect(try Self.takesPart("", Self.train))
    #expect(try Self.takesPart("", NetState(phase: .TEST, level: 9, stages: ["a"])))
  }

  @Test("of the phase it is included for, and outside that it is excluded from")
  func phases() throws {
    #expect(try Self.takesPart("include { phase: TRAIN }", Self.train))
    #expect(try !Self.takesPart("include { phase: TRAIN }", Self.test))
    #expect(try !Self.takesPart("exclude { phase: TRAIN }", Self.train))
    #expect(try Self.takesPart("exclude { phase: TRAIN }", Self.test))
  }

  @Test("when any include rule matches, and not when any exclude rule does")
  func anyRule() throws {
    let rules = ["{ phase: TEST }", "{ stage: 'a' }"]
    let include = rules.map { "include \($0)" }.joined(separator: " ")
    let exclude = rules.map { "exclude \($0)" }.joined(separator: " ")
    for (state, isMatch) in [(Self.train, false), (Self.test, true), (NetState(phase: .TRAIN, stages: ["a"]), true)] {
      #expect(try Self.takesPart(include, state) == isMatch)
      #expect(try Self.takesPart(exclude, state) != isMatch)
    }
  }

  @Test("whose level lies within both bounds", arguments: [(-1, false), (0, false), (1, true), (2, true), (3, true), (4, false)])
  func levels(level: Int, isWithin: Bool) throws {
    #expect(try Self.takesPart("include { min_level: 1 max_level: 3 }", NetState(phase: .TRAIN, level: level)) == isWithin)
    #expect(try Self.takesPart("include { min_level: 1 }", NetState(phase: .TRAIN, level: level)) == (level >= 1))
    #expect(try Self.takesPart("include { max_level: 3 }", NetState(phase: .TRAIN, level: level)) == (level <= 3))
  }

  @Test(
    "when all stages of a rule are set and none of not_stage is",
    arguments: [
      ([], false), (["a"], false), (["a", "b"], true), (["b", "a", "z"], true), (["a", "b", "c"], false),
      (["a", "b", "d"], false),
    ] as [([String], Bool)])
  func stages(stages: [String], isMatch: Bool) throws {
    let rule = "include { stage: 'a' stage: 'b' not_stage: 'c' not_stage: 'd' }"
    #expect(try Self.takesPart(rule, NetState(phase: .TRAIN, stages: stages)) == isMatch)
  }

  @Test("only where all conditions of one rule hold together")
  func conjunction() throws {
    let rule = "include { phase: TEST min_level: 2 stage: 'a' }"
    #expect(try Self.takesPart(rule, NetState(phase: .TEST, level: 2, stages: ["a"])))
    #expect(try !Self.takesPart(rule, NetState(phase: .TRAIN, level: 2, stages: ["a"])))
    #expect(try !Self.takesPart(rule, NetState(phase: .TEST, level: 1, stages: ["a"])))
    #expect(try !Self.takesPart(rule, NetState(phase: .TEST, level: 2)))
  }

  @Test("and has the net's phase unless it names its own")
  func ownPhase() throws {
    let text = "layer { name: 'x' type: 'Input' top: 'x' } layer { name: 'y' type: 'Input' top: 'y' phase: TEST }"
    #expect(try Stages.graph(text, Self.train).nodes.map(\.phase) == [.TRAIN, .TEST])
  }

  @Test("which may leave out a layer that makes what another reads")
  func leftOut() {
    let text = """
      layer { name: "x" type: "Input" top: "x" include { phase: TRAIN } input_param { shape { dim: 2 } } }
      layer { name: "y" type: "ReLU" bottom: "x" top: "y" }
      """
    #expect(Stages.mistakes(text).isEmpty)
    #expect(
      Stages.mistakes(text, phase: .TEST) == [
        "net.prototxt:2:40: error: layer \"y\" (ReLU): bottom \"x\" is not produced by an earlier layer"
      ])
  }
}
