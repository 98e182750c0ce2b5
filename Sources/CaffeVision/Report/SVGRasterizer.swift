import CaffeCore

/// librsvg's program `rsvg-convert`, which turns SVG into PNG.
public struct SVGRasterizer: Sendable {
  /// Why there is no picture.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
  }

  private let program: ChildProgram

  /// - Throws: `Failure` when the program is not installed.
  public init() throws(Failure) {
    do { program = try ChildProgram("rsvg-convert") } catch {
      throw Failure(
        description: "a PNG needs librsvg's program rsvg-convert, which is not installed\n"
          + "  install it (Debian: apt install librsvg2-bin, macOS: brew install librsvg), or write SVG: -o curves.svg")
    }
  }

  /// The picture with two pixels for each of the SVG's, for screens that show so many, or as many as `zoom` says.
  ///
  /// - Throws: `Failure` when the program refuses the text, or takes longer than a minute.
  public func png(of svg: String, zoom: Int = 2) throws(Failure) -> [UInt8] {
    let outcome: ChildProgram.Outcome
    do { outcome = try program.run(["--format=png", "--zoom=\(zoom)", "--unlimited"], input: Array(svg.utf8)) } catch {
      throw Failure(description: "rsvg-convert drew nothing: \(error)")
    }
    guard outcome.status == 0, !outcome.output.isEmpty else {
      let words = String(decoding: outcome.errors.prefix(2000), as: UTF8.self)
      throw Failure(description: "rsvg-convert ended with code \(outcome.status): \(words)")
    }
    return outcome.output
  }
}
