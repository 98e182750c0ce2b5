import CaffeCore
import CaffeTraining
import Foundation
import Synchronization

/// Where a training's events go for programs to read: lines of JSON, and TensorBoard's event files.
// What is not Sendable is used under the lock alone: events come from the solver and from the threads that read data.
final class EventRecord: @unchecked Sendable {
  private let lines: [AppendingFile]
  private let board: TensorBoardFile?
  private let complain: (String) -> Void
  private let hasFailed = Mutex(false)
  private let encoder = JSONOutput.encoder(isPretty: false)

  /// - Parameters:
  ///   - lines: files that get a line of JSON for each event.
  ///   - tensorBoard: a folder for TensorBoard.
  ///   - complain: told once when the record cannot be kept any longer; the training goes on.
  /// - Throws: `FileError`.
  init(lines: [String], tensorBoard: String?, complain: @escaping (String) -> Void) throws {
    self.lines = try lines.map { try AppendingFile(path: $0) }
    let now = Date().timeIntervalSince1970
    board = try tensorBoard.map {
      try TensorBoardFile(folder: $0, name: "caffe.\(ProcessInfo.processInfo.processIdentifier)", time: now)
    }
    self.complain = complain
  }

  func add(_ event: TrainingEvent) { hasFailed.withLock { add(event, &$0) } }

  private func add(_ event: TrainingEvent, _ hasFailed: inout Bool) {
    do {
      let line = try Array(encoder.encode(event)) + [UInt8(ascii: "\n")]
      for file in lines { try file.write(line) }
      try board?.write(event, time: Date().timeIntervalSince1970)
    } catch {
      if !hasFailed { complain("The record of events is incomplete: \(error)") }
      hasFailed = true
    }
  }
}
