import CaffeTesting
import Foundation

/// The Python with numpy and OpenCV that `scripts/test-venv` makes.
enum Python {
  private static let interpreter = Checkout().path + "/.build/test-venv/bin/python"
  static let isPresent = FileManager.default.isExecutableFile(atPath: interpreter)
  static let reason = "scripts/test-venv has not made a Python with numpy and OpenCV"

  /// Runs Python and gives what it prints.
  ///
  /// - Throws: `Failure` with what it says when it fails.
  @discardableResult
  static func run(_ arguments: String...) throws -> String {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: interpreter)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: complaint) }
    return text
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }
}
