import CaffeCore
import Logging

/// The log of a verb: lines in glog's form, over a progress line if there is one.
enum CommandLog {
  static func make(
    source: String, progress: ProgressLine = ProgressLine(), files: [AppendingFile] = []
  ) -> @Sendable (String) -> Void {
    let handler = GlogHandler(progress: progress, files: LogFiles(files))
    let logger = Logger(label: "caffe") { _ in handler }
    return { logger.info("\($0)", source: source, line: 1) }
  }
}
