import CaffeCore

/// Windows of pictures, made elsewhere: what Caffe's detect.py takes as a CSV file, or a WindowData layer as a window file.
///
/// A CSV file has the columns `filename`, `ymin`, `xmin`, `ymax` and `xmax` (others are passed over); rows and columns of pixels
/// count from 0, and the maxima lie outside. A window file, which begins with `#`, has x1, y1, x2, y2 with both ends inside.
public struct WindowList: Sendable {
  /// A window, and where it stands.
  public struct Entry: Sendable {
    public let window: PictureWindow
    public let location: SourceLocation?
  }

  /// A picture and its windows in their order.
  public struct Picture: Sendable {
    /// As the list has it.
    public let name: String
    public internal(set) var entries: [Entry]
  }

  /// The list's file.
  public let path: String
  /// In the order in which the list first names them.
  public private(set) var pictures: [Picture] = []
  private var places: [String: Int] = [:]
  private var names = PictureNames([])

  /// - Throws: `FileError` when the file cannot be read; `Diagnostics` or `DataFileError` naming the lines that are wrong.
  public init(contentsOf path: String) throws {
    self.path = path
    let source = SourceFile(name: path, bytes: try FileBytes.read(path, limit: CSVTable.maximumSize))
    let isWindowFile = source.bytes.first { $0 > UInt8(ascii: " ") } == UInt8(ascii: "#")
    let entries = try isWindowFile ? WindowList.windowFile(source) : WindowList.table(source)
    for (name, entry) in entries {
      let place = places[name, default: pictures.count]
      if place == pictures.count { pictures.append(Picture(name: name, entries: [])) }
      places[name] = place
      if let entry { pictures[place].entries.append(entry) }
    }
    names = PictureNames(places.keys)
  }

  /// The picture that a path means: that of the same name, else the only one whose name ends in the same file.
  public subscript(path: String) -> Picture? { names[path].flatMap { places[$0] }.map { pictures[$0] } }

  private static func table(_ source: SourceFile) throws -> [(String, Entry?)] {
    let table = try CSVTable(source, needing: CSVTable.windowColumns)
    var problems = ProblemList()
    var entries: [(String, Entry?)] = []
    for row in table.rows {
      guard let name = row["filename"] else { continue }
      do throws(Diagnostic) {
        entries.append((name.text, Entry(window: try row.window(), location: name.location)))
      } catch { problems.append(error) }
    }
    try problems.throwIfAny()
    return entries
  }

  private static func windowFile(_ source: SourceFile) throws -> [(String, Entry?)] {
    let file = try WindowFile(path: source.name, bytes: source.bytes)
    let named: [(String, Entry?)] = file.pictures.map { ($0, nil) }
    return named
      + file.windows.map { window in
        let place = SourceLocation(file: source, offset: source.start(ofLine: window.line), length: 1)
        return (file.pictures[window.picture], Entry(window: PictureWindow(window.box), location: place))
      }
  }
}
