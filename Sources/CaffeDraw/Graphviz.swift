import CaffeCore

/// Graphviz's program `dot`, which turns DOT text into pictures.
public struct Graphviz: Sendable {
  /// What it can make here.
  public enum Format: String, Sendable, CaseIterable { case svg, png }

  /// Why there is no picture.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
  }

  private var program: ChildProgram

  /// - Throws: `Failure` when Graphviz is not installed.
  public init() throws(Failure) {
    do { program = try ChildProgram("dot") } catch {
      throw Failure(
        description: "a picture needs Graphviz's program dot, which is not installed\n"
          + "  install it (Debian: apt install graphviz, macOS: brew install graphviz), or write DOT text: -o net.dot")
    }
    program.outputLimit = 64 << 20
  }

  /// Draws.
  ///
  /// - Returns: the picture; an SVG begins with its `svg` element, without a prologue that names a place elsewhere.
  /// - Throws: `Failure` when dot refuses the text, or takes longer than a minute.
  public func picture(of text: DotText, as format: Format) throws(Failure) -> [UInt8] {
    let outcome: ChildProgram.Outcome
    do { outcome = try program.run(["-T\(format.rawValue)"], input: Array(text.text.utf8)) } catch {
      throw Failure(description: Graphviz.reason(error))
    }
    guard outcome.status == 0, !outcome.output.isEmpty else {
      let words = String(decoding: outcome.errors.prefix(2000), as: UTF8.self)
      throw Failure(description: "dot ended with code \(outcome.status): \(words)")
    }
    return format == .svg ? Graphviz.withoutPrologue(outcome.output) : outcome.output
  }

  private static func reason(_ failure: ChildProgram.Failure) -> String {
    switch failure {
    case .notInstalled(let name): "\(name) is not installed"
    case .notStarted(let reason): "dot could not be started: \(reason)"
    case .tooSlow(let seconds): "dot was stopped after \(seconds) seconds: the net is too large for a picture; write DOT text"
    case .tooMuchOutput(let bytes):
      "dot was stopped after writing \(NumberText.megabytes(bytes)): the net is too large for a picture"
    }
  }

  private static func withoutPrologue(_ svg: [UInt8]) -> [UInt8] {
    let start = Array("<svg".utf8)
    let place = svg.indices.first { svg[$0...].starts(with: start) }
    return place.map { Array(svg[$0...]) } ?? svg
  }
}
