import CaffeCore
import CaffeData

/// An object that is to be found in a picture.
public struct ObjectTruth: Sendable {
  /// The picture's path.
  public let picture: String
  /// The class's name; empty to name a picture without objects.
  public let label: String
  public let window: PictureWindow
  /// One that does not count, whether it is found or not.
  public let isDifficult: Bool

  public init(picture: String, label: String, window: PictureWindow, isDifficult: Bool = false) {
    (self.picture, self.label, self.window, self.isDifficult) = (picture, label, window, isDifficult)
  }

  /// Reads a CSV file with the columns `filename`, `class`, `ymin`, `xmin`, `ymax`, `xmax` and, if it has it, `difficult` (0 or 1);
  /// rows and columns of pixels count from 0, and the maxima lie outside. A line with nothing but a filename is a picture without
  /// objects, in which whatever is found is wrong.
  ///
  /// - Throws: `FileError` when the file cannot be read, `Diagnostics` naming the lines that are wrong.
  public static func read(contentsOf path: String) throws -> [ObjectTruth] {
    let source = SourceFile(name: path, bytes: try FileBytes.read(path, limit: CSVTable.maximumSize))
    let table = try CSVTable(source, needing: CSVTable.windowColumns + ["class"])
    var problems = ProblemList()
    var truths: [ObjectTruth] = []
    for row in table.rows {
      do throws(Diagnostic) { truths.append(try ObjectTruth(row)) } catch { problems.append(error) }
    }
    try problems.throwIfAny()
    guard !truths.isEmpty else { throw Diagnostics([Diagnostic("\(path) names no object")]) }
    return truths
  }

  private init(_ row: CSVTable.Row) throws(Diagnostic) {
    let picture = row["filename"]?.text ?? ""
    let label = row["class"]?.text ?? ""
    guard !label.isEmpty || row["ymin"]?.text.isEmpty == false else {
      self.init(picture: picture, label: "", window: PictureWindow(minY: 0, minX: 0, maxY: 0, maxX: 0))
      return
    }
    guard !label.isEmpty else { throw Diagnostic("the object has no class", at: row["class"]?.location) }
    let window = try row.window()
    guard window.height > 0, window.width > 0 else {
      throw Diagnostic("the object's window, \(window), has no area", at: row["ymin"]?.location)
    }
    let isDifficult = try row["difficult"] == nil ? false : row.number("difficult") != 0
    self.init(picture: picture, label: label, window: window, isDifficult: isDifficult)
  }
}
