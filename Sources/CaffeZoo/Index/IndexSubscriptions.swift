import CaffeCore
import Foundation
import Yams

/// The indexes a person chose, as `indexes.yaml` in the configuration directory lists them.
public struct IndexSubscriptions: Sendable, Equatable {
  /// A name and where the index is.
  public struct Subscription: Sendable, Equatable {
    public let name: String
    public let address: RepositoryAddress
  }

  /// Sorted by name.
  public private(set) var items: [Subscription] = []

  /// The index inside the program, which nobody needs to subscribe to.
  public static let bundledName = "bundled"

  public init() {}

  /// Reads the list; one that is not there is empty.
  ///
  /// - Throws: `Diagnostics` with everything that is wrong, `ZooError` when the file cannot be read.
  public init(_ places: ZooPlaces) throws {
    guard let bytes = try IndexFolder(path: places.configuration).read(IndexSubscriptions.fileName, limit: 1 << 20) else {
      self.init()
      return
    }
    try self.init(SourceFile(name: "\(places.configuration)/\(IndexSubscriptions.fileName)", bytes: bytes))
  }

  init(_ file: SourceFile) throws(Diagnostics) {
    let report = YAMLFields.Report(file)
    let root: Node?
    do { root = try BoundedYAML.node(file, limits: .frontMatter) } catch { throw Diagnostics([error]) }
    if let root, var fields = YAMLFields(root, path: "", report: report) {
      _ = fields.number("format", in: 1...1)
      if let indexes = fields.take("indexes"), !YAMLFields.isNull(indexes) { read(indexes, report) }
    }
    try report.problems.throwIfErrors()
  }

  private mutating func read(_ node: Node, _ report: YAMLFields.Report) {
    guard let fields = YAMLFields(node, path: "indexes", report: report) else { return }
    for (name, keyNode, value) in fields.rest {
      guard let text = fields.scalar(value, "indexes: \(name)", { _ in nil }) else { continue }
      do throws(ZooError) { self = try adding(name, try RepositoryAddress(text)) } catch {
        report.add(error.message, at: keyNode, hint: error.advice)
      }
    }
  }

  private static let fileName = "indexes.yaml"

  /// The list with one more index.
  ///
  /// - Throws: `ZooError` when the name is no name, or taken.
  public func adding(_ name: String, _ address: RepositoryAddress) throws(ZooError) -> IndexSubscriptions {
    guard IndexEntry.isName(name) else {
      throw ZooError("\"\(TerminalText.line(name, limit: 80))\" is no index's name", advice: IndexEntry.nameRule)
    }
    guard name != IndexSubscriptions.bundledName else {
      throw ZooError("\(name) is the name of the index inside the program", advice: "choose another name")
    }
    if let taken = items.first(where: { $0.name == name }) {
      throw ZooError(
        "there is an index named \(name) already: \(taken.address)", advice: "choose another name, or unsubscribe it first")
    }
    var result = self
    result.items = (items + [Subscription(name: name, address: address)]).sorted { $0.name < $1.name }
    return result
  }

  /// The list without an index.
  ///
  /// - Throws: `ZooError` with the nearest name when there is none of that name.
  public func removing(_ name: String) throws(ZooError) -> IndexSubscriptions {
    guard items.contains(where: { $0.name == name }) else {
      let near = nearest(to: name, among: items.map(\.name))
      throw ZooError("there is no index named \(TerminalText.line(name, limit: 80))", advice: near.map { "nearest name: \($0)" })
    }
    var result = self
    result.items.removeAll { $0.name == name }
    return result
  }

  /// The file's text.
  var text: String {
    let lines = items.map { "  \(YAMLText.scalar($0.name)): \(YAMLText.scalar($0.address.description))\n" }
    return "format: 1\n" + (items.isEmpty ? "indexes: {}\n" : "indexes:\n" + lines.joined())
  }

  /// Writes the list.
  ///
  /// - Throws: `ZooError`, `FileError` or an error of the file system.
  public func write(_ places: ZooPlaces) throws {
    try Folder.make(places.configuration)
    try IndexFolder(path: places.configuration).write(Array(text.utf8), to: IndexSubscriptions.fileName)
  }
}

extension IndexSubscriptions {
  /// Fetches an index's copy, anew when there is none or the old one cannot be brought up to date.
  ///
  /// - Throws: `ZooError` with git's reason; a copy that was there stays.
  public static func refresh(_ item: Subscription, places: ZooPlaces) throws {
    let files = FileManager.default
    try Folder.make(places.indexes)
    let copy = "\(places.indexes)/\(item.name)"
    let fresh = "\(places.indexes)/.\(item.name).\(ProcessInfo.processInfo.processIdentifier).partial"
    try? files.removeItem(atPath: fresh)
    defer { try? files.removeItem(atPath: fresh) }
    let repository = try IndexRepository.clone(item.address, to: fresh, isShallow: true)
    _ = try repository.read()
    try Folder.put(fresh, at: copy)
  }

  /// Removes an index's copy.
  public static func removeCopy(of name: String, places: ZooPlaces) {
    guard IndexEntry.isName(name) else { return }
    try? FileManager.default.removeItem(atPath: "\(places.indexes)/\(name)")
  }
}
