import CaffeCore
import CaffeFormat

/// Makes databases from published files and from nothing.
///
/// Each function reports its progress in records and asks `shouldStop` about every 500; when stopped it throws
/// `CancellationError`. A stopped or failed conversion leaves nothing behind.
public enum DatabaseConversion {
  /// Called with the records done and their number.
  public typealias Progress = (_ done: Int, _ total: Int) -> Void

  /// The database of the training set, in the output folder.
  static func trainingName(_ kind: DatabaseKind) -> String { "train_\(kind.rawValue)" }
  /// The database of the test set.
  static func testName(_ kind: DatabaseKind) -> String { "test_\(kind.rawValue)" }

  /// A record's number as its key, with leading zeros so that keys sort as numbers do.
  static func key(_ number: Int, digits: Int) -> [UInt8] {
    let text = String(number)
    return Array(repeating: UInt8(ascii: "0"), count: max(0, digits - text.utf8.count)) + Array(text.utf8)
  }

  /// A record of C×H×W bytes, encoded.
  static func record(_ pixels: some Collection<UInt8>, channels: Int, height: Int, width: Int, label: Int) -> [UInt8] {
    var datum = Datum()
    datum.channels = channels
    datum.height = height
    datum.width = width
    datum.data = Array(pixels)
    datum.label = label
    return datum.bytes
  }
}
